/**
 * Unit tests of controllers and operators against a Kubernetes API server of their own, with any test runner:
 * {@link startTestServer}.
 *
 * @packageDocumentation
 */
export { startTestServer } from './start-test-server.ts';
export type { TestServer, TestServerOptions, WriteOptions } from './start-test-server.ts';
export type { TestObjects } from './read-objects.ts';
export type { EventuallyOptions } from './eventually.ts';
export type { RequestLog } from './request-log.ts';
export type { TestClock } from './test-clock.ts';

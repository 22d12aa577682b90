/**
 * What every {@link Client} does, as a suite that any test library can run. The real API server's answers are the rule.
 *
 * @packageDocumentation
 */
export { clientConformance } from './client-conformance.ts';
export type { ConformanceSetup } from './client-conformance.ts';
export type { ConformanceWorld, Expect } from './behaviour.ts';

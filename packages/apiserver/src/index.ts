/**
 * An in-memory Kubernetes API server with real server-side apply, for tests and first steps.
 *
 * @packageDocumentation
 */
export { createApiServer } from './create-api-server.ts';
export type { ApiServer, ApiServerOptions, ApiServerUser, InProcessOptions } from './create-api-server.ts';
export { manualClock, systemClock } from './clock.ts';
export type { Clock, ManualClock } from './clock.ts';
export type { ControllerOptions } from './controllers/controllers.ts';
export type { ReportError } from './controllers/work-queue.ts';
export type { Fault, FaultInjector } from './faults/faults.ts';
export type { FaultKind, FaultLimit, FaultMatch, FaultRule, FaultTime, FaultVerb } from './faults/rule.ts';
export type { ServedRequest } from './http/served-request.ts';
export type { SimulationOptions } from './simulate/simulate.ts';
export { AFTER_ANNOTATION, FATE_ANNOTATION } from './simulate/pod-rules.ts';
export type { PodFate, PodRule } from './simulate/pod-rules.ts';
export { seededRandom } from './random.ts';
export type { Random } from './random.ts';
export type { AdmissionDecision, AdmissionRequest, AdmitHook } from './registry/admission.ts';
export type { User } from './auth/users.ts';
export { ApiError } from './status.ts';
export type { Status, StatusCause, StatusDetails } from './status.ts';
export type { FieldError, FieldErrorType } from './field-error.ts';

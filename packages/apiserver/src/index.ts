/**
 * An in-memory Kubernetes API server with real server-side apply, for tests and first steps.
 */
export type { FieldError, FieldErrorType } from './field-error.ts';

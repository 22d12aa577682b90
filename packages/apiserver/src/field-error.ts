import { stringifyJson } from '@homeostat/kube';

/**
 * One reason for which an object is refused, in the words of Kubernetes' own validation
 * (k8s.io/apimachinery, util/validation/field): what a 422 lists as a cause.
 */
export interface FieldError {
  readonly type: FieldErrorType;
  /** As `spec.containers[0].name`, `metadata.labels[a/b]`. */
  readonly field: string;
  /** Shown in the message where the type shows one. */
  readonly value?: unknown;
  /** Shows no value, though the type would. */
  readonly omitsValue?: true;
  readonly detail: string;
  /** Listed after all others of its object: the real server finds it in a second go, by declarations of its types. */
  readonly late?: true;
}

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Forbidden'
  | 'TooLong'
  | 'TooMany'
  | 'Duplicate'
  | 'NotFound'
  | 'TypeInvalid'
  | 'Internal';

export function required(field: string, detail = ''): FieldError {
  return { type: 'Required', field, detail };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid', field, value, detail };
}

export function invalidUnshown(field: string, detail: string): FieldError {
  return { type: 'Invalid', field, omitsValue: true, detail };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, detail };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'Duplicate', field, value, detail: '' };
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: 'NotFound', field, value, detail: '' };
}

/** `supported` is listed as it is given: the real server sorts the lists of some fields and not those of others. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail =
    supported.length === 0 ? '' : `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { type: 'NotSupported', field, value, detail };
}

/** `max` in bytes. */
export function tooLong(field: string, max: number): FieldError {
  return { type: 'TooLong', field, detail: `may not be more than ${String(max)} ${max === 1 ? 'byte' : 'bytes'}` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  return {
    type: 'TooMany',
    field,
    value: actual,
    detail: `must have at most ${String(max)} ${max === 1 ? 'item' : 'items'}`,
  };
}

const REASONS: Readonly<Record<FieldErrorType, string>> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  Duplicate: 'FieldValueDuplicate',
  NotFound: 'FieldValueNotFound',
  TypeInvalid: 'FieldValueTypeInvalid',
  Internal: 'InternalError',
};

const TITLES: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Forbidden: 'Forbidden',
  TooLong: 'Too long',
  TooMany: 'Too many',
  Duplicate: 'Duplicate value',
  NotFound: 'Not found',
  TypeInvalid: 'Invalid value',
  Internal: 'Internal error',
};

/** The reason of the cause in a Status. */
export function fieldErrorReason(error: FieldError): string {
  return REASONS[error.type];
}

/** The message of the cause, without its field. */
export function fieldErrorText(error: FieldError): string {
  const title = TITLES[error.type];
  const withValue =
    error.omitsValue !== true &&
    error.type !== 'Required' &&
    error.type !== 'Forbidden' &&
    error.type !== 'TooLong' &&
    error.type !== 'Internal';
  const head = withValue ? `${title}: ${shown(error.value)}` : title;
  return error.detail === '' ? head : `${head}: ${error.detail}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return goNumber(value);
  // As Go quotes: control characters have two digits.
  if (typeof value === 'string') return JSON.stringify(value).replaceAll(/\\u00([01][0-9a-f]|7f)/g, String.raw`\x$1`);
  // As Go's encoder writes texts inside of objects and lists.
  return stringifyJson(value).replaceAll(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/** A number as Go prints it: `1.5e+06` where it is no integer (of 64 bits) and large. */
export function goNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : goFloat(value);
}

/** A number that Go keeps as a float, as Go prints it: `1e+06`. */
export function goFloat(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

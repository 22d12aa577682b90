import { invalid, notSupported, required, forbidden, tooLong } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { badRequest, invalidObject } from '../status.ts';

/** What the query of a write says. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Who writes: `fieldManager`, else what stands before the slash in the User-Agent, else `unknown`. */
  readonly manager: string;
  readonly force: boolean;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const MANAGER_LIMIT = 128;

/** @throws {ApiError} 422 that names the options object and the option. */
export function writeOptions(
  kind: OptionsKind,
  query: URLSearchParams,
  userAgent: string | undefined,
  patch: 'apply' | 'other' = 'other',
): WriteOptions {
  const errors: FieldError[] = [];
  const force = query.get('force');
  const fieldManager = query.get('fieldManager') ?? '';
  if (kind === 'PatchOptions') {
    if (patch === 'apply') {
      if (fieldManager === '') errors.push(required('fieldManager', 'is required for apply patch'));
    } else if (force !== null) {
      errors.push(forbidden('force', 'may not be specified for non-apply patch'));
    }
  }
  errors.push(...managerErrors(fieldManager));
  const dryRun = query.getAll('dryRun');
  errors.push(...dryRunErrors(dryRun));
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!isValidation(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', name: kind }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation === 'Ignore' || fieldValidation === 'Strict' ? fieldValidation : 'Warn',
    manager: fieldManager === '' ? managerOf(userAgent) : fieldManager,
    force: force !== null && force !== 'false' && force !== '0',
  };
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.some((value) => value !== 'All') ? [notSupported('dryRun', values, ['All'])] : [];
}

function isValidation(text: string): boolean {
  return text === '' || text === 'Ignore' || text === 'Warn' || text === 'Strict';
}

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > MANAGER_LIMIT) return [tooLong('fieldManager', MANAGER_LIMIT)];
  let position = 0;
  for (const char of manager) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      return [invalid('fieldManager', manager, `invalid character U+${code} (at position ${String(position)})`)];
    }
    position++;
  }
  return [];
}

function managerOf(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/', 1)[0] ?? '';
  if (name === '') return 'unknown';
  const bytes = Buffer.from(name);
  return bytes.length <= MANAGER_LIMIT ? name : bytes.subarray(0, MANAGER_LIMIT).toString('utf8');
}

/** What a list or a watch is asked for. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** @throws {ApiError} 422 for options that contradict each other. */
export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const text = (name: string): string => query.get(name) ?? '';
  const flag = (name: string): boolean | undefined => {
    const value = query.get(name);
    return value === null ? undefined : value !== 'false' && value !== '0';
  };
  const options: ListOptions = {
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    limit: integer(text('limit')),
    continueToken: text('continue'),
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch'),
    sendInitialEvents: flag('sendInitialEvents'),
    allowWatchBookmarks: flag('allowWatchBookmarks') === true,
    timeoutSeconds: text('timeoutSeconds') === '' ? undefined : integer(text('timeoutSeconds')),
  };
  const errors = watch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', name: 'ListOptions' }, '', errors);
  return options;
}

/** @throws {ApiError} 400 for what is no integer. */
function integer(text: string): number {
  if (text === '') return 0;
  if (!/^[-+]?[0-9]+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function listErrors(options: ListOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match, continueToken, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    if (continueToken !== '') {
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
    }
  }
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, continueToken }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (sendInitialEvents === undefined && match !== '') {
    errors.push(forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`));
  }
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(field, `sendInitialEvents requires setting ${field} to NotOlderThan`));
  }
  if (match !== '' && match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']));
  if (continueToken !== '' && sendInitialEvents !== undefined) {
    errors.push(invalid('continue', continueToken, 'continue is forbidden for watch'));
  }
  return errors;
}

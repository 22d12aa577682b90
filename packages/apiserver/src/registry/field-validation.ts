import { invalid } from '../field-error.ts';
import { badRequest, invalidObject } from '../status.ts';
import type { ApiError } from '../status.ts';
import type { Caller } from './caller.ts';

/** For a create or an update: how the error begins. */
export interface BodyOf {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * What becomes of fields that the kind does not have, and of fields that stand twice: nothing, a warning each, or a refusal,
 * as the request wants it.
 *
 * @param strictErrors as `unknown field "spec.zz"`, `duplicate field "data.a"`.
 * @throws {ApiError} where it is `Strict`.
 */
export function checkFields(
  what: 'patch' | 'apply' | BodyOf,
  { options: { fieldValidation }, warnings }: Caller,
  strictErrors: readonly string[],
  patchText: () => string = () => '',
): void {
  if (fieldValidation === 'Ignore' || strictErrors.length === 0) return;
  if (fieldValidation === 'Warn') warnings.push(...strictErrors.flatMap(oneByOne));
  else throw refusal(what, strictErrors, patchText());
}

/** What the YAML reader says in one text is a warning each. */
function oneByOne(text: string): string[] {
  const list = /^yaml: unmarshal errors:\n([^]*)$/.exec(text)?.[1];
  return list === undefined ? [text] : list.split('\n').map((line) => line.trim());
}

function refusal(what: 'patch' | 'apply' | BodyOf, strictErrors: readonly string[], patchText: string): ApiError {
  const listed = strictErrors.join(', ');
  // Of a configuration only its text is strict: what its type does not have is refused anyhow.
  if (what === 'apply') return badRequest(`error strict decoding patch: error converting YAML to JSON: ${listed}`);
  if (what === 'patch') {
    const error = invalid('patch', patchText, `strict decoding error: ${listed}`);
    return invalidObject({ group: '', name: '' }, '', [error]);
  }
  const { apiVersion, kind } = what;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${listed}`);
}

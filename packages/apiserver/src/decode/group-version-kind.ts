import { DecodeError } from './decode-error.ts';
import type { JsonNotes } from './json-reader.ts';
import { wordFor } from './json-value.ts';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/**
 * What a body says it is; what it leaves out is as expected. Source: k8s.io/apimachinery, runtime/serializer/json.
 *
 * @throws {DecodeError} UNREADABLE when it says so in another form than text.
 */
export function readGroupVersionKind(
  value: unknown,
  expected: GroupVersionKind,
  notes: JsonNotes | undefined,
): GroupVersionKind {
  const { apiVersion, kind } = readTypeMeta(value, notes);
  const parts = apiVersion === '/' ? [] : apiVersion.split('/');
  if (parts.length > 2) throw new DecodeError('UNREADABLE', `unexpected GroupVersion string: ${apiVersion}`);
  const [group, version] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : ['', parts[0] ?? ''];
  const isSilent = group === '' && version === '';
  return {
    group: isSilent ? expected.group : group,
    version: isSilent || (version === '' && group === expected.group) ? expected.version : version,
    kind: kind === '' ? expected.kind : kind,
  };
}

/** Go's own JSON package reads these two before anything else: it takes names of any case, and the last of equal ones. */
function readTypeMeta(
  value: unknown,
  notes: JsonNotes | undefined,
): { readonly apiVersion: string; readonly kind: string } {
  if (value === null) return { apiVersion: '', kind: '' };
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable(value, `Go value of type ${TYPE_META}`);
  let apiVersion = '';
  let kind = '';
  let problem: DecodeError | undefined;
  for (const [name, given] of notes?.repeated.get(value) ?? Object.entries(value)) {
    const field = name.length === 4 || name.length === 10 ? FIELDS.get(name.toLowerCase()) : undefined;
    if (field === undefined || given === null) continue;
    if (typeof given !== 'string') problem ??= unreadable(given, `Go struct field .${field} of type string`);
    else if (field === 'kind') kind = given;
    else apiVersion = given;
  }
  if (problem !== undefined) throw problem;
  return { apiVersion, kind };
}

const FIELDS: ReadonlyMap<string, 'apiVersion' | 'kind'> = new Map([
  ['kind', 'kind'],
  ['apiversion', 'apiVersion'],
]);
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function unreadable(value: unknown, target: string): DecodeError {
  return new DecodeError(
    'UNREADABLE',
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${wordFor(value)} into ${target}`,
  );
}

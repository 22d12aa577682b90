import type { Draft, DraftMap } from '../draft.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { readJson } from '../decode/read-json.ts';
import { isMap, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, required, tooLong } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { byteLength, configKeyErrors } from './meta/formats.ts';
import { tlsPairProblem } from './tls-pair.ts';

/** Of the values of a ConfigMap or Secret together. */
const DATA_LIMIT = 1024 * 1024;

export const configMap: Strategy = kindStrategy({
  validate(draft) {
    const data = mapAt(draft, 'data') ?? {};
    const binary = mapAt(draft, 'binaryData') ?? {};
    const errors: FieldError[] = [];
    for (const key of Object.keys(data)) {
      errors.push(...keyErrors('data', key));
      if (Object.hasOwn(binary, key)) {
        errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      }
    }
    for (const key of Object.keys(binary)) errors.push(...keyErrors('binaryData', key));
    const size = sizeOf(data, byteLength) + sizeOf(binary, decodedLength);
    // The real server's path of the whole object is an empty name in brackets.
    return size > DATA_LIMIT ? [...errors, tooLong('[]', DATA_LIMIT)] : errors;
  },
  validateChange: (draft, old) => frozenErrors(draft, old, ['data', 'binaryData']),
});

export const secret: Strategy = kindStrategy({
  setDefaults(draft) {
    foldStringData(draft);
    setDefault(draft, 'type', 'Opaque');
  },
  prepareUpdate(draft, old) {
    if (textAt(draft, 'type') === '') draft['type'] = old['type'];
  },
  validate(draft) {
    const data = mapAt(draft, 'data') ?? {};
    const errors = Object.keys(data).flatMap((key) => keyErrors('data', key));
    if (sizeOf(data, decodedLength) > DATA_LIMIT) errors.push(tooLong('data', DATA_LIMIT));
    return [...errors, ...typeErrors(draft, data)];
  },
  validateChange(draft, old) {
    const errors = frozenErrors(draft, old, ['data']);
    if (draft['type'] === old['type']) return errors;
    return [invalid('type', draft['type'], 'field is immutable'), ...errors];
  },
  warnings(draft) {
    if (textAt(draft, 'type') !== 'kubernetes.io/tls') return [];
    const text = (key: string): string => Buffer.from(textAt(mapAt(draft, 'data'), key), 'base64').toString();
    const problem = tlsPairProblem(text('tls.crt'), text('tls.key'));
    return problem === undefined ? [] : [problem];
  },
});

export const serviceAccount: Strategy = kindStrategy({
  prepareCreate: keepNamesOfSecrets,
  prepareUpdate: keepNamesOfSecrets,
});

/** Of a reference to a Secret, a ServiceAccount holds the name alone. */
function keepNamesOfSecrets(draft: Draft): void {
  const secrets = mapsAt(draft, 'secrets');
  if (secrets.length > 0) draft['secrets'] = secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

/** `stringData` is written, never read: its values go to `data`, over what stands there. */
function foldStringData(draft: Draft): void {
  const texts = mapAt(draft, 'stringData');
  delete draft['stringData'];
  if (texts === undefined || Object.keys(texts).length === 0) return;
  const folded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
  // Made of entries: a key may be `__proto__`.
  draft['data'] = Object.fromEntries([...Object.entries(mapAt(draft, 'data') ?? {}), ...folded]);
}

/** What each type of Secret must hold. */
function typeErrors(draft: Readonly<Draft>, data: DraftMap): FieldError[] {
  const has = (key: string): boolean => Object.hasOwn(data, key);
  const missing = (...keys: readonly string[]): FieldError[] => keys.map((key) => required(`data[${key}]`));
  switch (textAt(draft, 'type')) {
    case 'kubernetes.io/service-account-token': {
      const name = 'kubernetes.io/service-account.name';
      const annotations = mapAt(draft.metadata, 'annotations');
      return textAt(annotations, name) === '' ? [required(`metadata.annotations[${name}]`)] : [];
    }
    case 'kubernetes.io/dockercfg':
      return has('.dockercfg') ? jsonErrors(data, '.dockercfg') : missing('.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return has('.dockerconfigjson') ? jsonErrors(data, '.dockerconfigjson') : missing('.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return has('username') || has('password') ? [] : missing('username', 'password');
    case 'kubernetes.io/ssh-auth':
      return textAt(data, 'ssh-privatekey') === '' ? missing('ssh-privatekey') : [];
    case 'kubernetes.io/tls':
      return missing(...['tls.crt', 'tls.key'].filter((key) => !has(key)));
    default:
      return [];
  }
}

function jsonErrors(data: DraftMap, key: string): FieldError[] {
  const text = unreadableAsMap(Buffer.from(textAt(data, key), 'base64').toString());
  return text === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', text)];
}

/** Why Go cannot read `text` into a map, in its words. */
function unreadableAsMap(text: string): string | undefined {
  try {
    const { value } = readJson(text);
    if (value === null || isMap(value)) return undefined;
    const type = typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'number';
    return `json: cannot unmarshal ${Array.isArray(value) ? 'array' : type} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

/** Of an object that was declared immutable, neither the data nor the declaration can change. */
function frozenErrors(draft: Readonly<Draft>, old: Readonly<Draft>, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  return [
    ...(draft['immutable'] === true ? [] : [forbidden('immutable', why)]),
    ...fields.filter((field) => !equal(draft[field], old[field])).map((field) => forbidden(field, why)),
  ];
}

function keyErrors(field: string, key: string): FieldError[] {
  return configKeyErrors(key).map((text) => invalid(`${field}[${key}]`, key, text));
}

function sizeOf(values: DraftMap, length: (value: string) => number): number {
  return Object.values(values).reduce<number>((sum, value) => sum + length(String(value)), 0);
}

function decodedLength(value: string): number {
  return Buffer.byteLength(value, 'base64');
}

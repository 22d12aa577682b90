import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { FindingCode } from './finding.ts';
import type { DocumentFinding, ParsedText } from './parse-yaml.ts';
import type { NodePath, Position } from './positions.ts';

/** An object of a document and where it starts in the document's text. */
export interface ReadObject {
  readonly object: KubeObject;
  readonly position: Position;
}

/** What one document gives. Pure in its text, so it can be remembered by the text's hash. */
export interface ReadDocument {
  readonly objects: readonly ReadObject[];
  readonly findings: readonly DocumentFinding[];
}

/** What nearly every document has is kept once. */
const NO_FINDINGS: readonly DocumentFinding[] = [];

const LOCAL_CONFIG = 'config.kubernetes.io/local-config';

/**
 * Reads the Kubernetes objects of one parsed document: `List` and typed lists are expanded, each object is checked for
 * what the rest of the engine relies on (group, version, kind, name, text-valued labels and annotations), and what
 * does not fit is a finding instead of an object.
 */
export function readObjects(parsed: ParsedText): ReadDocument {
  const objects: ReadObject[] = [];
  const findings: DocumentFinding[] = [...parsed.findings];
  const start = (path: NodePath): Position => (path.length === 0 ? firstLine(parsed) : parsed.locate(path));
  const report = (finding: ShapeFinding): void => {
    const { severity = 'error', code, message, hint, path } = finding;
    findings.push({ severity, code, message, hint, position: start(path) });
  };
  if (parsed.value !== undefined) {
    readValue({ value: parsed.value, path: [], position: firstLine(parsed), parsed, objects, report, inherited: {} });
  }
  return { objects, findings: findings.length === 0 ? NO_FINDINGS : findings };
}

interface ShapeFinding {
  readonly severity?: DocumentFinding['severity'];
  readonly code: FindingCode;
  readonly message: string;
  readonly hint: string;
  readonly path: NodePath;
}

interface Reading {
  readonly value: unknown;
  readonly path: NodePath;
  readonly position: Position;
  readonly parsed: ParsedText;
  readonly objects: ReadObject[];
  readonly report: (finding: ShapeFinding) => void;
  /** What items of a typed list take from it when they do not say it themselves. */
  readonly inherited: { readonly apiVersion?: string; readonly kind?: string };
}

function readValue(reading: Reading): void {
  const { value, path, report } = reading;
  if (!isRecord(value)) {
    if (typeof value === 'string' && value.startsWith('version https://git-lfs.github.com/')) {
      const message = 'a Git LFS pointer stands here, not the file itself';
      report({ code: 'NOT_KUBERNETES', message, hint: 'keep manifests in Git itself (git lfs migrate export)', path });
      return;
    }
    const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    report({
      code: 'NOT_KUBERNETES',
      message: `${what} stands where an object is expected`,
      hint: NOT_A_MANIFEST,
      path,
    });
    return;
  }
  if (isEncrypted(value)) {
    report({
      code: 'UNSUPPORTED_SOPS',
      message: 'this document is encrypted with SOPS, which is not supported; it is not applied',
      hint: 'keep the secret outside of this path, or exclude the file in .homeostatignore',
      path,
    });
    return;
  }
  const object = { ...reading.inherited, ...value };
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && isListBody(object)) readList(reading, object);
  else readObject(reading, reading.inherited.kind === undefined ? value : object);
}

function isListBody(value: Record<string, unknown>): boolean {
  return value['kind'] === 'List' || (Object.hasOwn(value, 'items') && !Object.hasOwn(value, 'spec'));
}

function readList(reading: Reading, list: Record<string, unknown>): void {
  const { path, report, parsed } = reading;
  const items = list['items'] ?? [];
  if (!Array.isArray(items)) {
    const message = `items of this ${String(list['kind'])} is not a list`;
    report({ code: 'WRONG_SHAPE', message, hint: 'write one "- " per object', path: [...path, 'items'] });
    return;
  }
  const kind = String(list['kind']).slice(0, -'List'.length);
  const apiVersion = list['apiVersion'];
  const inherited = kind === '' || typeof apiVersion !== 'string' ? {} : { apiVersion, kind };
  const places = parsed.locateItems([...path, 'items']);
  for (const [index, value] of items.entries()) {
    const position = places[index] ?? reading.position;
    readValue({ ...reading, value, path: [...path, 'items', index], position, inherited });
  }
}

function readObject({ path, position, objects, report }: Reading, value: Record<string, unknown>): void {
  const wrong = identityFinding(value) ?? metadataFinding(value['metadata'] as Record<string, unknown>);
  if (wrong !== undefined) {
    report({ ...wrong, path: [...path, ...wrong.path] });
    return;
  }
  const object = withTexts(value as unknown as KubeObject);
  const local = object.metadata.annotations?.[LOCAL_CONFIG];
  if (local === undefined || local === 'false') {
    objects.push({ object, position });
    return;
  }
  report({
    severity: 'info',
    code: 'LOCAL_CONFIG',
    message: `${object.kind} ${object.metadata.name} is not applied: its annotation ${LOCAL_CONFIG} says so`,
    hint: 'remove the annotation to have it applied',
    path,
  });
}

const NOT_A_MANIFEST = 'if this is no Kubernetes manifest, list it in .homeostatignore or exclude it';

/** What is wrong with apiVersion, kind, metadata or the names in it. */
function identityFinding(value: Record<string, unknown>): ShapeFinding | undefined {
  const { apiVersion, kind, metadata } = value;
  const hasVersion = apiVersion !== undefined && apiVersion !== null && apiVersion !== '';
  const hasKind = kind !== undefined && kind !== null && kind !== '';
  if (!hasVersion && !hasKind) {
    return { code: 'NOT_KUBERNETES', message: 'neither apiVersion nor kind is set', hint: NOT_A_MANIFEST, path: [] };
  }
  if (!hasVersion) {
    const hint = 'add apiVersion, as "apps/v1" or "v1": "kubectl explain" names it for each kind';
    return { code: 'MISSING_API_VERSION', message: `this ${printValue(kind)} has no apiVersion`, hint, path: [] };
  }
  if (!hasKind) {
    return { code: 'MISSING_KIND', message: 'apiVersion is set, kind is not', hint: 'add kind', path: [] };
  }
  if (typeof apiVersion !== 'string') return notText('apiVersion', apiVersion, ['apiVersion']);
  if (typeof kind !== 'string') return notText('kind', kind, ['kind']);
  if (!/^[^/\s]+(?:\/[^/\s]+)?$/.test(apiVersion)) {
    const message = 'apiVersion is neither "version" nor "group/version"';
    return { code: 'WRONG_SHAPE', message, hint: 'write it as "apps/v1" or "v1"', path: ['apiVersion'] };
  }
  if (/[/\s]/.test(kind)) {
    return { code: 'WRONG_SHAPE', message: 'kind holds a slash or a space', hint: 'write one word', path: ['kind'] };
  }
  if (isKustomization(apiVersion, kind)) {
    return {
      code: 'UNSUPPORTED_KUSTOMIZE',
      message: `this ${kind} is a file for kustomize, which is not supported; it is not applied`,
      hint: 'commit the output of "kustomize build", or exclude the file in .homeostatignore',
      path: [],
    };
  }
  if (metadata === undefined || metadata === null) return missingName(kind, []);
  if (!isRecord(metadata)) {
    return { code: 'WRONG_SHAPE', message: 'metadata is not a map', hint: 'indent name below it', path: ['metadata'] };
  }
  return undefined;
}

function metadataFinding(metadata: Record<string, unknown>): ShapeFinding | undefined {
  const { name, generateName, namespace, labels, annotations } = metadata;
  if (name === undefined || name === null || name === '') {
    if (generateName === undefined || generateName === null) return missingName('object', ['metadata']);
    return {
      code: 'GENERATE_NAME',
      message: 'generateName would make a new object with each pass',
      hint: 'give the object a fixed metadata.name',
      path: ['metadata', 'generateName'],
    };
  }
  if (typeof name !== 'string') return notText('metadata.name', name, ['metadata', 'name']);
  if (!isPathSegment(name)) return notSegment('metadata.name', ['metadata', 'name']);
  if (namespace !== undefined && namespace !== null) {
    if (typeof namespace !== 'string') return notText('metadata.namespace', namespace, ['metadata', 'namespace']);
    if (namespace !== '' && !isPathSegment(namespace))
      return notSegment('metadata.namespace', ['metadata', 'namespace']);
  }
  return textMapFinding('labels', labels) ?? textMapFinding('annotations', annotations);
}

function textMapFinding(field: 'labels' | 'annotations', map: unknown): ShapeFinding | undefined {
  if (map === undefined || map === null) return undefined;
  if (!isRecord(map)) {
    const message = `metadata.${field} is not a map`;
    return { code: 'WRONG_SHAPE', message, hint: 'write "key: value" lines below it', path: ['metadata', field] };
  }
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string' && value !== null)
      return notText(`metadata.${field}["${key}"]`, value, ['metadata', field, key]);
  }
  return undefined;
}

/** Kubernetes reads a label or annotation without value as an empty one. */
function withTexts(object: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  const filled = { ...fill('labels', labels), ...fill('annotations', annotations) };
  return Object.keys(filled).length === 0 ? object : { ...object, metadata: { ...object.metadata, ...filled } };
}

function fill(
  field: 'labels' | 'annotations',
  map: Readonly<Record<string, string | null>> | undefined | null,
): object {
  if (!map || Object.values(map).every((value) => value !== null)) return {};
  return { [field]: Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? ''])) };
}

function missingName(kind: string, path: NodePath): ShapeFinding {
  return { code: 'MISSING_NAME', message: `this ${kind} has no metadata.name`, hint: 'add metadata.name', path };
}

function notText(field: string, value: unknown, path: NodePath): ShapeFinding {
  const message = `${field} is ${printType(value)}, and Kubernetes takes only text there`;
  const hint = isScalar(value) ? 'quote it' : 'write text';
  return { code: 'WRONG_SHAPE', message, hint, path };
}

function notSegment(field: string, path: NodePath): ShapeFinding {
  const message = `${field} is ".", ".." or holds "/" or "%"`;
  return { code: 'WRONG_SHAPE', message, hint: 'choose a name that can stand in a URL path', path };
}

/** What can stand in a URL path as it is. Source: Kubernetes `path.IsValidPathSegmentName`. */
function isPathSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}

/** The Kustomization of kustomize itself; Flux has a custom resource of the same name in another group. */
function isKustomization(apiVersion: string, kind: string): boolean {
  return apiVersion.startsWith('kustomize.config.k8s.io/') && (kind === 'Kustomization' || kind === 'Component');
}

/** Whether SOPS left its metadata in this document. */
function isEncrypted(value: Record<string, unknown>): boolean {
  const { sops } = value;
  return isRecord(sops) && ('mac' in sops || 'lastmodified' in sops) && !('spec' in sops);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint';
}

function printType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'boolean':
      return `the boolean ${String(value)}`;
    case 'number':
    case 'bigint':
      return 'a number';
    default:
      return 'a map';
  }
}

function printValue(value: unknown): string {
  return typeof value === 'string' ? value : 'object';
}

/** Where a document's root starts. */
function firstLine(parsed: ParsedText): Position {
  return parsed.locate([]);
}

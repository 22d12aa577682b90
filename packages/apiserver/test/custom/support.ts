import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { load } from 'js-yaml';
import { parseJson, stringifyJson } from '@homeostat/kube';
import { kubeData } from '@homeostat/kube/data';
import { convertCustom, readStored } from '../../src/custom/convert-custom.ts';
import { crdStrategy } from '../../src/custom/crd-strategy.ts';
import { sorted } from '../../src/custom/go-values.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import type { CustomResource, CustomVersion } from '../../src/custom/custom-resource.ts';
import { customStrategy } from '../../src/custom/custom-strategy.ts';
import { InvalidEmbedded } from '../../src/custom/embedded.ts';
import { decodeCustom } from '../../src/custom/decode-custom.ts';
import { metaRules as metaRulesOf } from '../../src/registry/meta-rules.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import { isMap } from '../../src/draft.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { dnsSubdomainName, validateMetaCreate } from '../../src/kinds/meta/object-meta.ts';
import type { StrategyContext } from '../../src/strategy.ts';
import { ApiError, badRequest, invalidObject } from '../../src/status.ts';

const context: StrategyContext = {
  now: '2024-01-01T00:00:00Z',
  dryRun: true,
  allocate: { clusterIp: () => undefined, nodePort: () => undefined },
};

/** One answer of either server: the object or Status, and the Warnings that came with it. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly warnings: readonly string[];
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The documents of a corpus file, with a group in the place of GROUP. */
export function corpus(file: string, group: string): unknown {
  const text = readFileSync(new URL(`corpus/${file}`, import.meta.url), 'utf8');
  return load(text.replaceAll('GROUP', group));
}

export function resourcesOf(group: string): readonly { readonly crd: DraftMap; readonly resource: CustomResource }[] {
  const crds = corpus('crds.yaml', group) as readonly DraftMap[];
  return crds.map((crd) => ({ crd, resource: customResourceOf(crd) }));
}

/** A body of the corpus with what it leaves out: apiVersion, kind and a name. */
export function complete(body: DraftMap, resource: CustomResource): Draft {
  const version = resource.versions[0];
  return {
    apiVersion: version?.apiVersion ?? '',
    kind: resource.names.kind,
    ...body,
    metadata: { name: 'one', ...(isMap(body['metadata']) ? body['metadata'] : {}) },
  };
}

const decoder = createDecoder(kubeData());
const metaRules = metaRulesOf(decoder);

const CRD = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  component: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
};

/** What ours makes of a create: the steps of a request, as far as they are of custom resources. */
export function create(body: Draft, resource: CustomResource, version: CustomVersion, mode: FieldValidation): Answer {
  const strategy = customStrategy(resource, version, metaRules);
  try {
    const { object, unknownFields } = decode(arrived(body), resource, version);
    const unknown = unknownFields.map((field) => `unknown field "${field}"`);
    if (mode === 'Strict' && unknown.length > 0) {
      const { kind } = resource.names;
      throw badRequest(
        `${kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${kind}: strict decoding error: ${unknown.join(', ')}`,
      );
    }
    strategy.setDefaults(object);
    strategy.prepareCreate(object, context);
    const errors = [...validateMetaCreate(object, dnsSubdomainName), ...strategy.validateCreate(object)];
    const odd = errors.filter((error) => error.field === 'kind' || error.field === 'apiVersion');
    if (errors.length > 0) {
      const named = { group: resource.group, name: object.kind };
      throw invalidObject(named, String(object.metadata['name']), odd.length > 0 ? odd : errors);
    }
    // What is stored, and read again for the answer, is of the storage version.
    const storage = resource.versions.find((one) => one.storage) ?? version;
    const answered = convertCustom(convertCustom(object, storage), version);
    const warnings = [...(mode === 'Warn' ? unknown : []), ...(strategy.warnings?.(object, undefined) ?? [])];
    return { code: 201, body: answered, warnings };
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, body: error.status, warnings: [] };
    throw error;
  }
}

/** What ours makes of a replacement of `old`. */
export function update(body: Draft, old: Draft, resource: CustomResource, subresource: '' | 'status'): Answer {
  const [version] = resource.versions;
  if (version === undefined) throw new Error('no version');
  const strategy = customStrategy(resource, version, metaRules);
  try {
    const { object } = decode(arrived(body), resource, version);
    // As the store gives it to the update: what the schema no longer names is gone.
    const live = readStored(old, resource, version);
    if (subresource === 'status') strategy.status?.prepareUpdate(object, live);
    else strategy.prepareUpdate(object, live, context);
    const errors = (subresource === 'status' ? strategy.status : strategy)?.validateUpdate(object, live) ?? [];
    if (errors.length > 0) {
      throw invalidObject({ group: resource.group, name: object.kind }, String(object.metadata['name']), errors);
    }
    return { code: 200, body: object, warnings: [] };
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, body: error.status, warnings: [] };
    throw error;
  }
}

/** A body as it arrives: read from its text. */
function arrived(body: Draft): Draft {
  return parseJson(stringifyJson(body)) as Draft;
}

function decode(body: Draft, resource: CustomResource, version: CustomVersion): ReturnType<typeof decodeCustom> {
  try {
    return decodeCustom(body, resource, version, metaRules);
  } catch (error) {
    if (error instanceof InvalidEmbedded) throw badRequest(error.message, error);
    const { kind } = resource.names;
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest(
      `${kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${kind}: ${reason}`,
      error,
    );
  }
}

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 4 });

/** One request to the real server, with the Warnings of its answer. */
export function ask(
  plane: { readonly server: string; readonly adminToken: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${plane.adminToken}`,
    accept: 'application/json',
    'content-type': 'application/json',
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, plane.server), { method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const parsed = answer.headers['content-type']?.includes('json') === true ? parseJson(text) : text;
        // `299 - "text"`, once per warning.
        const given = answer.headers['warning'];
        const warnings = (Array.isArray(given) ? given : [given ?? '']).flatMap((one) =>
          [...one.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, warning = '']) => warning.replaceAll(/\\(.)/g, '$1')),
        );
        resolve({ code: answer.statusCode ?? 0, body: parsed, warnings });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : stringifyJson(body));
  });
}

/**
 * An answer without what no two servers share. Causes are sorted, since the real server visits the fields of maps in random
 * order; a message that only lists the causes says no more than they do.
 */
export function comparable({ code, body, warnings }: Answer): unknown {
  if (!isMap(body)) return { code, body };
  const copy = structuredClone(body);
  if (copy['kind'] === 'Status') {
    const details = isMap(copy['details']) ? copy['details'] : {};
    const causes = Array.isArray(details['causes']) ? (details['causes'] as readonly DraftMap[]) : [];
    const texts = [
      ...new Set(causes.map((cause) => JSON.stringify([cause['field'], cause['reason'], cause['message']]))),
    ];
    return {
      code,
      reason: copy['reason'],
      details: { name: details['name'], group: details['group'], kind: details['kind'] },
      causes: texts.sort(),
      ...(causes.length <= 1 && { message: copy['message'] }),
    };
  }
  const { name, namespace: _, uid: __, resourceVersion: ___, ...rest } = copy['metadata'] as DraftMap;
  const { creationTimestamp: _c, managedFields: _m, generation: _g, ...metadata } = rest;
  return { code, object: { ...copy, metadata: { name, ...metadata } }, warnings: warnings.toSorted() };
}

/** Text of an answer in which the order of fields does not matter. */
export function inOrder(value: unknown): string {
  return stringifyJson(sorted(value));
}

/** The CRDs of the corpus that are refused, whole. */
export function invalidCrds(group: string): readonly Draft[] {
  const { base, cases } = corpus('invalid-crds.yaml', group) as {
    readonly base: Draft;
    readonly cases: readonly DraftMap[];
  };
  return cases.map((one) => {
    const crd = structuredClone(base);
    const spec = crd['spec'] as DraftMap;
    Object.assign(crd.metadata, one['metadata']);
    Object.assign(spec, one['spec']);
    const [version] = spec['versions'] as DraftMap[];
    if (version !== undefined) {
      Object.assign(version, one['version']);
      if (one['schema'] !== undefined) version['schema'] = { openAPIV3Schema: one['schema'] };
    }
    return crd;
  });
}

/** What ours makes of a new CRD. */
export function createCrd(crd: Draft): Answer {
  const strategy = crdStrategy(metaRules);
  const draft = decoder.decode(arrived(crd), CRD).object;
  strategy.setDefaults(draft);
  strategy.prepareCreate(draft, context);
  const errors = [...validateMetaCreate(draft, dnsSubdomainName), ...strategy.validateCreate(draft)];
  if (errors.length === 0) return { code: 201, body: draft, warnings: strategy.warnings?.(draft, undefined) ?? [] };
  const kind = { group: 'apiextensions.k8s.io', name: 'CustomResourceDefinition' };
  const { code, status } = invalidObject(kind, String(draft.metadata['name']), errors);
  return { code, body: status, warnings: [] };
}

/** What ours makes of a replacement of a CRD. */
export function updateCrd(crd: Draft, old: Draft): Answer {
  const strategy = crdStrategy(metaRules);
  const draft = decoder.decode(arrived(crd), CRD).object;
  strategy.setDefaults(draft);
  strategy.prepareUpdate(draft, old, context);
  const errors = strategy.validateUpdate(draft, old);
  if (errors.length === 0) return { code: 200, body: draft, warnings: [] };
  const kind = { group: 'apiextensions.k8s.io', name: 'CustomResourceDefinition' };
  const { code, status } = invalidObject(kind, String(draft.metadata['name']), errors);
  return { code, body: status, warnings: [] };
}

import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import type { KubeData } from '@homeostat/kube/data';
import type { BuiltinType } from '../../src/decode/decoder.ts';
import { validCases } from '../kinds/valid.ts';
import { comparable, groupKindOf } from '../kinds/replay.ts';
import type { Case } from '../kinds/replay.ts';
import { validWorkloads } from '../kinds/workloads/valid.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** What a real server made of a case, in both forms: two answers to the same dry run. */
export interface Forms {
  readonly title: string;
  readonly protobuf: Uint8Array;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A server, and who asks it. */
export interface Asked {
  readonly server: string;
  readonly adminToken: string;
}

/** Every case that is created, and nothing else done to it. */
export const cases: readonly Case[] = [...validCases, ...validWorkloads].filter(({ update }) => update === undefined);

export async function formsOf(given: Case, asked: Asked, namespace: string, data: KubeData): Promise<Forms> {
  const text = JSON.stringify(given.object)
    .replaceAll('RANDOM', randomBytes(4).toString('hex'))
    .replaceAll('NAMESPACE', namespace);
  const path = `${pathOf(given, namespace, data)}?dryRun=All`;
  const created = async (accept: string): Promise<Buffer> => {
    const { status, body } = await send(asked, path, { body: text, type: 'application/json', accept });
    if (status !== 201) throw new Error(`${given.title}: ${String(status)} ${body.toString()}`);
    return body;
  };
  const protobuf = await created(PROTOBUF);
  const json = await created('application/json');
  return { title: given.title, protobuf, json: JSON.parse(json.toString()) as Forms['json'] };
}

/** An object without what is another in every answer; its uid stands in labels and selectors of Jobs too. */
export function shown(object: Readonly<Record<string, unknown>>): unknown {
  const { uid } = object['metadata'] as { readonly uid?: string };
  const text = JSON.stringify(object, withNestedTypes);
  return comparable(JSON.parse(uid === undefined ? text : text.replaceAll(uid, '<uid>')));
}

/** Protobuf does not say of what kind the claims of a StatefulSet are: the server knows. */
function withNestedTypes(key: string, value: unknown): unknown {
  if (key !== 'volumeClaimTemplates') return value;
  return (value as readonly object[]).map((claim) => ({ ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' }));
}

/** Where objects like this are created. */
export function pathOf({ object }: Pick<Case, 'object'>, namespace: string, data: KubeData): string {
  const { plural, namespaced } = resourceOf(object, data);
  const { apiVersion } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespaced ? `/namespaces/${namespace}` : ''}/${plural}`;
}

export function typeOf(object: Case['object'], data: KubeData): BuiltinType {
  const [group, kind] = groupKindOf(object);
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  return { group, version, kind, component: resourceOf(object, data).schema };
}

function resourceOf(object: Case['object'], data: KubeData): KubeData['groupVersions'][number]['resources'][number] {
  const [group, kind] = groupKindOf(object);
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  const resources = data.groupVersions.find((one) => one.group === group && one.version === version)?.resources;
  const resource = resources?.find((one) => one.kind === kind);
  if (resource === undefined) throw new Error(`no resource of ${object.apiVersion} ${kind}`);
  return resource;
}

export interface SentBody {
  readonly body: string | Uint8Array;
  readonly type: string;
  readonly accept: string;
}

/** One POST, whatever comes back. */
export function send(
  { server, adminToken }: Asked,
  path: string,
  { body, type, accept }: SentBody,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const headers = { authorization: `Bearer ${adminToken}`, accept, 'content-type': type };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), { method: 'POST', headers, rejectUnauthorized: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

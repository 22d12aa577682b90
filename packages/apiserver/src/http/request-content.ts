import { isRecord } from '@homeostat/kube';
import { DecodeError } from '../decode/decode-error.ts';
import { parseBody } from '../decode/parse-body.ts';
import { isEnvelope, readEnvelope, textsAt } from '../decode/read-envelope.ts';
import { headerOf } from './exchange.ts';
import type { RequestHeaders } from './exchange.ts';
import type { RequestInfo } from './request-info.ts';

/** What a request says, path and body taken together. */
export interface RequestContent {
  readonly info: RequestInfo;
  /** `apply` for a server-side apply; else the verb. */
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
}

/** `apply` for a server-side apply; else the verb of the path and method. */
export function verbOf(info: RequestInfo, method: string, headers: RequestHeaders): string {
  const type = method === 'PATCH' ? (headerOf(headers, 'content-type') ?? '') : '';
  return type.startsWith('application/apply-patch') ? 'apply' : info.verb;
}

/** The name of the one object that a request is for; `''` when there is none, or the server is to make it. */
export function nameOf({ info, verb, query, body }: RequestContent): string {
  if (info.type === 'path') return '';
  if (info.name !== '') return info.name;
  if (verb === 'create') {
    if (isEnvelope(body)) return textsIn(body, NAME).at(-1) ?? '';
    const metadata = read(body)['metadata'];
    return isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
  }
  return /^metadata\.name==?([^,]+)$/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}

/** Whether nothing is to be written. */
export function isDryRun({ verb, query, body }: RequestContent): boolean {
  if (query.getAll('dryRun').includes('All')) return true;
  if (verb !== 'delete' && verb !== 'deletecollection') return false;
  if (isEnvelope(body)) return textsIn(body, DRY_RUN).includes('All');
  const options = read(body)['dryRun'];
  return Array.isArray(options) && options.includes('All');
}

/** `deployments.apps`, `configmaps`; `''` for what is no resource. */
export function resourceNameOf(info: RequestInfo): string {
  if (info.type === 'path') return '';
  return info.group === '' ? info.resource : `${info.resource}.${info.group}`;
}

/** Numbers in protobuf: of `metadata.name` in every object, and of `dryRun` in DeleteOptions. */
const NAME = [1, 1];
const DRY_RUN = [5];

function textsIn(body: Uint8Array, numbers: readonly number[]): string[] {
  try {
    return textsAt(readEnvelope(body).message, numbers);
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

/** A body that cannot be read says nothing; whoever serves the request tells. */
function read(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    const { value } = parseBody(body, body[0] === 0x7b ? 'application/json' : 'application/yaml');
    return isRecord(value) ? value : {};
  } catch (error) {
    if (error instanceof DecodeError) return {};
    throw error;
  }
}

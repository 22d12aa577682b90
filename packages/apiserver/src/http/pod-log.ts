import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';
import { forbidden, invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { stored } from '../registry/get.ts';
import { badRequest, invalidObject } from '../status.ts';
import type { ApiAnswer } from './exchange.ts';
import { plainText } from './plain-answer.ts';
import type { ResourceRequest } from './resource-request.ts';
import { BASE_HEADERS } from './write-answer.ts';

/**
 * The log of a container: empty, because no container runs here and none prints. What is wrong with the request is refused as on
 * the real server; a Pod without a node has no log at all (204).
 *
 * @throws {ApiError} 404, 400 for a container that the Pod does not have, 422 for options out of range.
 */
export function podLog({ serving, known, resource, target }: ResourceRequest): ApiAnswer {
  const { query } = known;
  const errors = optionErrors(query);
  if (errors.length > 0) throw invalidObject({ group: '', name: 'PodLogOptions' }, target.name, errors);
  const pod = stored(serving.registry, resource, target.namespace, target.name).object;
  const spec = mapAt(pod, 'spec') ?? {};
  checkContainer(pod, spec, query.get('container') ?? '');
  if (textAt(spec, 'nodeName') === '') return { status: 204, headers: BASE_HEADERS, body: '' };
  return plainText(200, '', 'text/plain');
}

function checkContainer({ metadata: { name } }: KubeObject, spec: DraftMap, wanted: string): void {
  const names = LISTS.flatMap((list) => mapsAt(spec, list).map((container) => textAt(container, 'name')));
  if (wanted !== '') {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  } else if (mapsAt(spec, 'containers').length !== 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function optionErrors(query: URLSearchParams): FieldError[] {
  const tail = integerAt(query, 'tailLines');
  const bytes = integerAt(query, 'limitBytes');
  const seconds = integerAt(query, 'sinceSeconds');
  const errors: FieldError[] = [];
  if (tail !== undefined && tail < 0) errors.push(invalid('tailLines', tail, 'must be greater than or equal to 0'));
  if (bytes !== undefined && bytes < 1) errors.push(invalid('limitBytes', bytes, 'must be greater than 0'));
  if (seconds !== undefined && query.has('sinceTime')) {
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  } else if (seconds !== undefined && seconds < 1) {
    errors.push(invalid('sinceSeconds', seconds, 'must be greater than 0'));
  }
  return errors;
}

function integerAt(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[-+]?[0-9]+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

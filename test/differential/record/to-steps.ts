import type { OpenWatch, ReadWatch, Request, Step } from '../script.ts';
import type { Exchange } from './proxy.ts';

/** Names that stand for others in what is kept. */
export interface RecordedNames {
  readonly ns: string;
  readonly id: string;
}

/** Values that a client takes from answers and sends back. */
const TAKEN_FROM_ANSWERS = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'clusterIP',
  'nodePort',
  'continue',
]);

/**
 * The exchanges of one session as steps of a script: without tokens and addresses, with references in place of whatever
 * came from an earlier answer, discovery documents once each.
 */
export function toSteps(exchanges: readonly Exchange[], names: RecordedNames): readonly Step[] {
  const steps: Step[] = [];
  const known = new Map<string, string>();
  const documents = new Set<string>();
  const open = new Map<string, Exchange>();
  const read = (label: string, exchange: Exchange): void => {
    const events = exchange.answer.split('\n').filter((line) => line !== '');
    const step: ReadWatch = { read: label, events: events.filter((line) => !line.includes('"BOOKMARK"')).length };
    if (exchange.status === 200) steps.push(step);
  };
  for (const [index, exchange] of exchanges.entries()) {
    for (const [label, one] of open)
      if ((one.endedAt ?? Infinity) <= index) {
        read(label, one);
        open.delete(label);
      }
    const label = `r${index}`;
    const path = anonymous(exchange.path, names);
    const isDocument = /^\/(?:openapi|version|apis?(?:\/[^/]+){0,2}(?:\?.*)?$)/.test(path) && exchange.method === 'GET';
    if (isDocument && (documents.has(path) || path.startsWith('/openapi'))) continue;
    if (isDocument) documents.add(path);
    if (/[?&]watch=(?:true|1)/.test(path)) {
      const step: OpenWatch = { watch: referring(path, known), label, ...accepted(exchange) };
      steps.push(step);
      open.set(label, exchange);
      continue;
    }
    const step = requestOf(exchange, path, names, known);
    const used = learn(exchange.answer, label, known);
    steps.push(used ? { ...step, label } : step);
  }
  for (const [label, exchange] of open) read(label, exchange);
  return withoutUnusedLabels(steps);
}

function requestOf(
  exchange: Exchange,
  path: string,
  names: RecordedNames,
  known: ReadonlyMap<string, string>,
): Request {
  const send = `${exchange.method} ${referring(path, known)}`;
  const agent = exchange.agent?.replace(/^([^ ]+).*$/, '$1');
  const more = {
    ...accepted(exchange),
    ...(agent !== undefined && { agent }),
    ...(exchange.type !== undefined && exchange.body !== '' && { type: exchange.type }),
  };
  if (exchange.body === '') return { send, ...more };
  const text = anonymous(exchange.body, names);
  try {
    return { send, body: referringDeep(JSON.parse(text) as unknown, known), ...more };
  } catch {
    return { send, text, ...more };
  }
}

/** What kubectl would rather have is protobuf, which says nothing that JSON does not. */
function accepted({ accept }: Exchange): { readonly accept?: string } {
  if (accept === undefined) return {};
  const kept = accept
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !one.includes('protobuf'));
  return { accept: kept.length === 0 ? 'application/json' : kept.join(',') };
}

function anonymous(text: string, { ns, id }: RecordedNames): string {
  // The id of an ApplySet is a hash over its namespace.
  return text
    .replaceAll(ns, '{ns}')
    .replaceAll(id, '{id}')
    .replaceAll(/(?<=applyset-)[\w-]{43}(?=-v1)/g, '{id}');
}

/** Remembers where in this answer the values stand that later requests may take. */
function learn(answer: string, label: string, known: Map<string, string>): boolean {
  let learned = false;
  const here = new Set<string>();
  const walk = (value: unknown, path: string, key: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) if (!name.includes('.')) walk(one, `${path}.${name}`, name);
      return;
    }
    if (!TAKEN_FROM_ANSWERS.has(key) || value === '' || value === 'None') return;
    // A list's own version comes before that of an item that happens to be the same.
    if (!here.has(String(value))) known.set(String(value), `{{${path}}}`);
    here.add(String(value));
    learned = true;
  };
  try {
    walk(JSON.parse(answer) as unknown, label, '');
  } catch {
    // An answer that is no JSON holds nothing to refer to.
  }
  return learned;
}

function referringDeep(value: unknown, known: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string' || typeof value === 'number') return known.get(String(value)) ?? value;
  if (Array.isArray(value)) return value.map((one) => referringDeep(one, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      TAKEN_FROM_ANSWERS.has(key) || typeof one === 'object' ? referringDeep(one, known) : one,
    ]),
  );
}

/** Replaces the values of parameters and of parts of field selectors. */
function referring(path: string, known: ReadonlyMap<string, string>): string {
  return path.replaceAll(/(?<=[=]|%3D)[^&,%]+/g, (value) => known.get(decodeURIComponent(value)) ?? value);
}

function withoutUnusedLabels(steps: readonly Step[]): readonly Step[] {
  const text = JSON.stringify(steps);
  return steps.map((step) => {
    if (!('send' in step) || step.label === undefined || text.includes(`{{${step.label}.`)) return step;
    const { label: _unused, ...rest } = step;
    return rest;
  });
}

import { randomBytes } from 'node:crypto';
import { titleOf } from './script.ts';
import type { OpenWatch, ReadWatch, Request, Script, Step } from './script.ts';
import { Connection } from './wire.ts';
import type { Answer, OpenStream, Server } from './wire.ts';

/** How one server answered a script. */
export interface Transcript {
  readonly script: Script;
  /** What stands for `{ns}` and `{id}` in this telling. */
  readonly names: Names;
  readonly entries: readonly Entry[];
}

export interface Names {
  readonly ns: string;
  readonly id: string;
}

export interface Entry {
  readonly title: string;
  readonly step: Step;
  /** For a watch that was read: what came, in order. */
  readonly answer: Answer;
}

const AGENT = 'storyteller/1.0';
/** How long events may take; the real server needs a few milliseconds. */
const EVENTS_WITHIN_MS = 10_000;
/** How long after the last expected event an unexpected one would still be seen. */
const QUIET_MS = 120;
const UNTIL_WITHIN_MS = 30_000;
const PREPARED_WITHIN_MS = 10_000;

/** Tells a script to a server, in a namespace of its own that is deleted afterwards. Never rejects for what is answered. */
export async function replay(script: Script, server: Server): Promise<Transcript> {
  using connection = new Connection(server);
  const teller = new Teller(connection, { ns: `d-${random()}`, id: random() });
  await teller.prepare();
  try {
    const entries: Entry[] = [];
    for (const [index, step] of script.steps.entries()) {
      const answer = await teller.tell(step);
      if (!('unseen' in step)) entries.push({ title: titleOf(step, index), step, answer });
    }
    return { script, names: teller.names, entries };
  } finally {
    await teller.leave();
  }
}

class Teller {
  readonly #seen = new Map<string, unknown>();
  readonly #streams = new Map<string, OpenStream>();

  readonly connection: Connection;
  readonly names: Names;

  constructor(connection: Connection, names: Names) {
    this.connection = connection;
    this.names = names;
  }

  /** Makes the namespace and waits until what Kubernetes puts into a new one is there. */
  async prepare(): Promise<void> {
    const { ns } = this.names;
    await this.#send({ send: 'POST /api/v1/namespaces', body: { metadata: { name: ns } } });
    const account = `GET /api/v1/namespaces/${ns}/serviceaccounts/default`;
    await this.#until({ send: account, until: 200 }, PREPARED_WITHIN_MS);
  }

  async leave(): Promise<void> {
    for (const stream of this.#streams.values()) stream.close();
    await this.#send({ send: `DELETE /api/v1/namespaces/${this.names.ns}` });
  }

  async tell(step: Step): Promise<Answer> {
    const answer = await ('send' in step
      ? step.until === undefined && step.untilSeen === undefined
        ? this.#send(step)
        : this.#until(step)
      : 'watch' in step
        ? this.#open(step)
        : this.#read(step));
    if ('label' in step && step.label !== undefined) this.#seen.set(step.label, answer.body);
    return answer;
  }

  async #until(step: Request, within = UNTIL_WITHIN_MS): Promise<Answer> {
    const deadline = performance.now() + within;
    for (;;) {
      const answer = await this.#send(step);
      const reached = step.untilSeen?.(answer.body) ?? answer.status === step.until;
      if (reached || performance.now() > deadline) return answer;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  #send(step: Request): Promise<Answer> {
    const [method, path] = splitOnce(this.#fill(step.send));
    const body = step.text === undefined ? this.#json(step.body) : this.#fill(step.text);
    return this.connection.send({
      method,
      path: encodeURI(path).replaceAll('%25', '%'),
      headers: this.#headers(step, body !== undefined),
      ...(body !== undefined && { body }),
    });
  }

  async #open(step: OpenWatch): Promise<Answer> {
    const path = this.#fill(step.watch);
    const stream = await this.connection.open({
      method: 'GET',
      path: encodeURI(path.includes('watch=') ? path : `${path}${path.includes('?') ? '&' : '?'}watch=true`).replaceAll(
        '%25',
        '%',
      ),
      headers: this.#headers({ send: '', ...(step.accept !== undefined && { accept: step.accept }) }, false),
    });
    if ('take' in stream) this.#streams.set(step.label, stream);
    return 'take' in stream ? { status: stream.status, headers: stream.headers } : stream;
  }

  async #read(step: ReadWatch): Promise<Answer> {
    const stream = this.#streams.get(step.read);
    if (stream === undefined) return { status: 0, headers: {}, body: 'the watch never opened' };
    const deadline = performance.now() + EVENTS_WITHIN_MS;
    while (!stream.ended && performance.now() < deadline && (step.toEnd === true || stream.pending < step.events))
      await stream.next(deadline - performance.now());
    if (!stream.ended && step.toEnd !== true) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const events = stream.take();
    const bookmarks = step.toEnd === true && events.some((event) => (event as { type?: unknown }).type === 'BOOKMARK');
    const body = { events, ended: stream.ended, bookmarks };
    return { status: 200, headers: {}, body };
  }

  #headers(step: Request, hasBody: boolean): Record<string, string> {
    const { adminToken, userToken } = this.connection.server;
    const agent = step.agent ?? AGENT;
    const token = { admin: adminToken, someone: userToken, stranger: 'no-such-token', nobody: undefined }[
      step.as ?? 'admin'
    ];
    return {
      accept: step.accept ?? 'application/json',
      ...(agent !== '' && { 'user-agent': agent }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(hasBody && step.type !== '' && { 'content-type': step.type ?? 'application/json' }),
      ...step.headers,
    };
  }

  #json(body: unknown): string | undefined {
    if (body === undefined) return undefined;
    return JSON.stringify(this.#fillDeep(body));
  }

  #fillDeep(value: unknown): unknown {
    if (typeof value === 'string') {
      const whole = /^\{\{([^{}]+)\}\}$/.exec(value)?.[1];
      return whole === undefined ? this.#fill(value) : this.#lookUp(whole);
    }
    if (Array.isArray(value)) return value.map((one) => this.#fillDeep(one));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [this.#fill(key), this.#fillDeep(one)]));
    return value;
  }

  #fill(text: string): string {
    return text
      .replaceAll(/\{\{([^{}]+)\}\}/g, (_, reference: string) => String(this.#lookUp(reference)))
      .replaceAll('{ns}', this.names.ns)
      .replaceAll('{id}', this.names.id);
  }

  #lookUp(reference: string): unknown {
    const [label = '', ...path] = reference.split('.');
    let value = this.#seen.get(label);
    for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
    return value;
  }
}

function splitOnce(text: string): [string, string] {
  const space = text.indexOf(' ');
  return [text.slice(0, space), text.slice(space + 1)];
}

/** Letters alone: safe in every kind of name. */
function random(): string {
  return randomBytes(8)
    .toString('hex')
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? 'z');
}

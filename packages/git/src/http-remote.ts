import { GitError } from './error.ts';
import { legacyPack, legacyRefs } from './legacy.ts';
import type { Limits } from './limits.ts';
import { delimiterPacket, flushPacket, packetLine, packetText, readPackets } from './pkt-line.ts';
import type { RemoteRef } from './refs.ts';
import type { PackRequest, PartialRemote, Remote } from './remote.ts';
import { printableText } from './text.ts';
import type { HttpAnswer, Transport } from './transport.ts';

/** What a server offers. */
type Capabilities =
  | { readonly version: 2; readonly features: ReadonlyMap<string, readonly string[]> }
  /** Protocol version 0 or 1. */
  | { readonly version: 0 };

/**
 * A repository over smart HTTP, protocol version 2. Source: gitprotocol-v2, gitprotocol-http.
 *
 * The first call asks what the server can do and remembers it; from then on, looking at refs is one request and fetching
 * a pack is one request. After a failure the server is asked again. A server that speaks only an older version is read
 * through isomorphic-git.
 */
export function createHttpRemote(transport: Transport, limits: Limits): Remote {
  let known: Capabilities | undefined;

  const capabilities = async (signal: AbortSignal): Promise<Capabilities> => {
    known ??= await discover(transport, limits, signal);
    return known;
  };
  const forgetting = (error: unknown): unknown => {
    known = undefined; // it may be another server by now
    return error;
  };

  const streamed = async function* (
    args: (features: Features) => readonly string[],
    commit: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const offered = await capabilities(signal);
      if (offered.version !== 2)
        throw new GitError('PROTOCOL', `${transport.where} no longer speaks version 2; try again`);
      yield* fetchPack(transport, offered.features, { args: args(offered.features), commit }, signal);
    } catch (error) {
      throw forgetting(error);
    }
  };
  const partial: PartialRemote = {
    trees: (request, signal) =>
      streamed((features) => [...snapshotArgs(features, request), 'filter blob:none'], request.commit, signal),
    objects: (ids, signal) => streamed(() => ['ofs-delta', ...ids.map((id) => `want ${id}`)], ids[0], signal),
  };

  return {
    where: transport.where,
    async partial(signal) {
      try {
        const offered = await capabilities(signal);
        return offered.version === 2 && offers(offered.features, 'filter') ? partial : undefined;
      } catch (error) {
        throw forgetting(error);
      }
    },
    async refs(prefixes, signal) {
      try {
        const offered = await capabilities(signal);
        if (offered.version !== 2) return await legacyRefs(transport, limits, signal);
        return await listRefs(transport, offered.features, prefixes, { limits, signal });
      } catch (error) {
        throw forgetting(error);
      }
    },
    async *pack(request, signal) {
      try {
        const offered = await capabilities(signal);
        if (offered.version === 2) {
          const { commit } = request;
          yield* fetchPack(
            transport,
            offered.features,
            { args: snapshotArgs(offered.features, request), commit },
            signal,
          );
        } else yield* legacyPack(transport, request.commit, limits, signal);
      } catch (error) {
        throw forgetting(error);
      }
    },
    close: () => transport.close(),
  };
}

async function discover(transport: Transport, limits: Limits, signal: AbortSignal): Promise<Capabilities> {
  const answer = await transport.request({
    method: 'GET',
    path: '/info/refs?service=git-upload-pack',
    headers: { 'git-protocol': 'version=2', accept: '*/*' },
    signal,
  });
  if (answer.contentType.split(';')[0]?.trim() !== 'application/x-git-upload-pack-advertisement') {
    await answer.discard();
    throw new GitError(
      'UNSUPPORTED',
      `${transport.where} is no Git repository over smart HTTP; check the address (a dumb file server is not supported)`,
    );
  }
  const features = new Map<string, readonly string[]>();
  let version: 0 | 2 = 0;
  for await (const line of lines(answer, limits, transport.where)) {
    if (line.startsWith('# service=')) continue;
    if (version === 0) {
      if (line !== 'version 2') break;
      version = 2;
      continue;
    }
    const [name = '', values = ''] = line.split('=', 2);
    features.set(name, values.split(' '));
  }
  if (version === 0) return { version };
  const format = features.get('object-format')?.[0] ?? 'sha1';
  if (format !== 'sha1') {
    throw new GitError(
      'UNSUPPORTED',
      `${transport.where} is a ${format} repository; only SHA-1 repositories can be read`,
    );
  }
  if (!features.has('ls-refs') || !features.has('fetch')) {
    throw new GitError('PROTOCOL', `${transport.where} offers neither ls-refs nor fetch; check the server`);
  }
  return { version, features };
}

interface ListOptions {
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

async function listRefs(
  transport: Transport,
  features: ReadonlyMap<string, readonly string[]>,
  prefixes: readonly string[],
  { limits, signal }: ListOptions,
): Promise<RemoteRef[]> {
  const answer = await command(
    transport,
    features,
    'ls-refs',
    [
      'peel',
      'symrefs',
      ...(features.get('ls-refs')?.includes('unborn') === true ? ['unborn'] : []),
      ...prefixes.map((prefix) => `ref-prefix ${prefix}`),
    ],
    signal,
  );
  const refs: RemoteRef[] = [];
  for await (const line of lines(answer, limits, transport.where)) {
    const [id = '', name = '', ...attributes] = line.split(' ');
    if (id === 'unborn') continue; // a HEAD without a commit is a HEAD that is not there
    if (!/^[0-9a-f]{40}$/.test(id) || name === '') {
      throw new GitError(
        'PROTOCOL',
        `${transport.where} lists a ref as ${JSON.stringify(printableText(line))}; is this a Git server?`,
      );
    }
    const value = (key: string): string | undefined =>
      attributes.find((attribute) => attribute.startsWith(`${key}:`))?.slice(key.length + 1);
    const peeled = value('peeled');
    const target = value('symref-target');
    refs.push({ name, id, ...(peeled === undefined ? {} : { peeled }), ...(target === undefined ? {} : { target }) });
  }
  return refs;
}

type Features = ReadonlyMap<string, readonly string[]>;

function offers(features: Features, feature: string): boolean {
  return features.get('fetch')?.includes(feature) === true;
}

/** What asks for one commit's snapshot, as far as it is not held. */
function snapshotArgs(features: Features, { commit, haves }: PackRequest): readonly string[] {
  // All that we hold is cut off at its commit. A server that cannot be told so must not be told that we hold it.
  const cutsHistory = offers(features, 'shallow');
  const held = cutsHistory ? haves : [];
  return [
    'thin-pack',
    'ofs-delta',
    `want ${commit}`,
    ...held.map((have) => `shallow ${have}`),
    ...(cutsHistory ? ['deepen 1'] : []),
    ...held.map((have) => `have ${have}`),
  ];
}

/** Without negotiation: what the server knows of our haves it uses, in one request. */
async function* fetchPack(
  transport: Transport,
  features: Features,
  { args, commit }: { readonly args: readonly string[]; readonly commit: string | undefined },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const answer = await command(transport, features, 'fetch', ['no-progress', ...args, 'done'], signal);

  let isPack = false;
  let isSectionStart = true;
  for await (const packet of readPackets(answer.body)) {
    if (packet.type === 'flush' && isPack) return;
    if (packet.type !== 'data') {
      isSectionStart = true;
      continue;
    }
    if (isPack) {
      const part = sideBand(packet.bytes, transport.where, commit);
      if (part !== undefined) yield part;
      continue;
    }
    const text = packetText(packet.bytes);
    if (text.startsWith('ERR ')) throw refusal(text.slice(4), transport.where, commit);
    isPack = isSectionStart && text === 'packfile';
    isSectionStart = false;
  }
  throw new GitError(
    'PROTOCOL',
    `${transport.where} ended its answer ${isPack ? 'within' : 'before'} the pack; try again`,
    { retry: 'backoff' },
  );
}

/** Source: gitprotocol-pack, "Packfile Data". */
function sideBand(bytes: Buffer, where: string, commit: string | undefined): Buffer | undefined {
  switch (bytes[0]) {
    case 1:
      return bytes.subarray(1);
    case 2:
      return undefined; // progress
    case 3:
      throw refusal(packetText(bytes.subarray(1)), where, commit);
    default:
      throw new GitError('PROTOCOL', `${where} sends a pack on a channel that does not exist; check the server`, {
        retry: 'backoff',
      });
  }
}

function command(
  transport: Transport,
  features: ReadonlyMap<string, readonly string[]>,
  name: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const options = [
    `command=${name}`,
    ...(features.has('agent') ? ['agent=git/homeostat'] : []),
    ...(features.has('object-format') ? ['object-format=sha1'] : []),
  ];
  const text = [...options.map(packetLine), delimiterPacket, ...args.map(packetLine), flushPacket].join('');
  return transport.request({
    method: 'POST',
    path: '/git-upload-pack',
    headers: {
      'git-protocol': 'version=2',
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
    },
    body: Buffer.from(text),
    signal,
  });
}

/** The lines of an answer that holds nothing else. */
async function* lines(answer: HttpAnswer, limits: Limits, where: string): AsyncGenerator<string, void, undefined> {
  for await (const packet of readPackets(bounded(answer.body, limits, where))) {
    if (packet.type !== 'data') continue;
    const text = packetText(packet.bytes);
    if (text.startsWith('ERR ')) throw refusal(text.slice(4), where);
    yield text;
  }
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  { refBytes }: Limits,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > refBytes)
      throw new GitError(
        'LIMIT_EXCEEDED',
        `${where} lists more refs than limits.refBytes (${refBytes}) allows; name one ref, or raise the limit`,
      );
    yield chunk;
  }
}

/** What the server says in its own words when it does not do what it was asked. */
export function refusal(text: string, where: string, commit?: string): GitError {
  const words = printableText(text);
  if (
    commit !== undefined &&
    /not our ref|unadvertised object|bad object|no such commit|unable to find|not a valid/i.test(words)
  ) {
    return new GitError(
      'REF_NOT_FOUND',
      `${where} has no commit ${commit}, or does not give it out; was it pushed, and is a branch or tag still on it?`,
      { retry: 'backoff' },
    );
  }
  if (/denied|permission|unauthori|forbidden|not allowed/i.test(words)) {
    return new GitError('ACCESS_DENIED', `${where} refuses access (${words}); check the credentials`, {
      retry: 'backoff',
    });
  }
  if (/not found|not exist|no such repo/i.test(words)) {
    return new GitError('REPOSITORY_NOT_FOUND', `no repository at ${where} (${words}); check the address`, {
      retry: 'backoff',
    });
  }
  return new GitError('PROTOCOL', `${where} answers: ${words}; try again, and if it stays, look at the server`, {
    retry: 'backoff',
  });
}

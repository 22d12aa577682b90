import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a commit changes: text, bytes, `null` to remove a path, or content with a mode of its own. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null | FileWithMode>>;

export interface FileWithMode {
  /** `160000` is a submodule: `content` is the commit id. */
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly content: string | Uint8Array;
}

export interface CommitOptions {
  /** Default `main`. Created from HEAD's branch if it is new. */
  readonly branch?: string;
  /** Further parents, for a merge. */
  readonly merge?: readonly string[];
}

/** A bare repository behind the server. Every helper runs plumbing only, so that large commits stay fast. */
export interface TestRepository {
  readonly name: string;
  readonly directory: string;
  /** Its smart HTTP address, without credentials. */
  readonly url: string;
  /** Commits onto a branch and returns the commit's id. Times are a counter of the repository: the same steps give the same ids. */
  commit(changes: FileChanges, message?: string, options?: CommitOptions): Promise<string>;
  /** Creates or moves a tag; annotated when there is a message. Returns what the tag's ref holds. */
  tag(name: string, target?: string, message?: string): Promise<string>;
  /** Creates, moves or (with `null`) removes a branch. */
  branch(name: string, target: string | null): Promise<void>;
  /** Runs git in the repository and returns its output, trimmed. */
  git(...args: string[]): Promise<string>;
}

/** One request as the server saw it. */
export interface GitRequest {
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly authorization: string | undefined;
  /** The body that came in, as sent. */
  readonly body: Buffer;
  readonly status: number;
  /** Body bytes that git answered. */
  readonly bytesOut: number;
}

export interface GitServerOptions {
  /** Without it the server is open. */
  readonly auth?: GitServerAuth;
  /** `false`: the server ignores `Git-Protocol: version=2`, like an old one. Default true. */
  readonly protocolV2?: boolean;
  /** `false`: only files are served (the dumb protocol). Default true. */
  readonly smart?: boolean;
}

export interface GitServerAuth {
  readonly basic?: { readonly username: string; readonly password: string };
  readonly bearer?: string;
}

/** Answers a request itself and returns true, or leaves it to git with false. */
export type Intercept = (
  request: IncomingMessage,
  response: ServerResponse,
  record: GitRequest,
) => boolean | Promise<boolean>;

export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every request since the start or the last {@link GitServer.forget}. */
  readonly requests: readonly GitRequest[];
  forget(): void;
  /** Sees every request first: outages, redirects, broken answers. `undefined` ends it. */
  intercept(handler: Intercept | undefined): void;
  /** Changes what the server asks for from now on. */
  protect(auth: GitServerAuth | undefined): void;
  createRepository(name?: string): Promise<TestRepository>;
  close(): Promise<void>;
}

const run = promisify(execFile);
const epoch = Date.UTC(2026, 0, 1) / 1000;

/** Starts git's own HTTP server (`git http-backend`) on a free port of 127.0.0.1, with no configuration but its own. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'homeostat-git-'));
  const env = isolatedGitEnvironment(root);
  const backend = join((await run('git', ['--exec-path'], { env })).stdout.trim(), 'git-http-backend');
  const requests: GitRequest[] = [];
  let auth = options.auth;
  let intercept: Intercept | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const record = observe(request, response, await collect(request));
    requests.push(record);
    if (intercept !== undefined && (await intercept(request, response, record))) return;
    if (!isAllowed(auth, request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('credentials required\n');
      return;
    }
    await runBackend(backend, { ...env, ...cgiEnvironment(request, root, options) }, record, response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    url,
    requests,
    forget: () => {
      requests.length = 0;
    },
    intercept: (handler) => {
      intercept = handler;
    },
    protect: (next) => {
      auth = next;
    },
    createRepository: (name = `${randomBytes(4).toString('hex')}.git`) => createRepository(root, url, name, env),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An environment in which git sees no configuration of this machine or user and never asks. */
export function isolatedGitEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
}

async function createRepository(
  root: string,
  serverUrl: string,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<TestRepository> {
  const directory = join(root, name);
  await run('git', ['init', '-q', '--bare', '-b', 'main', directory], { env });
  let ticks = 0;
  const nextTime = (): string => `${epoch + ++ticks} +0000`;
  const git = async (...args: string[]): Promise<string> => {
    const time = nextTime();
    const { stdout } = await run('git', ['-C', directory, ...args], {
      env: { ...env, GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time },
      maxBuffer: 1 << 28,
    });
    return stdout.trim();
  };
  await appendFile(join(directory, 'config'), '[uploadpack]\n\tallowFilter = true\n');

  const exists = async (ref: string): Promise<boolean> =>
    existsSync(join(directory, ref)) || (await git('for-each-ref', ref)) !== '';
  return {
    name,
    directory,
    url: `${serverUrl}/${name}`,
    git,
    async commit(changes, message = 'change', { branch = 'main', merge = [] } = {}) {
      const ref = `refs/heads/${branch}`;
      let from: string | undefined;
      if (await exists(ref)) from = ref;
      else if (branch !== 'main' && (await exists('refs/heads/main'))) from = 'refs/heads/main';
      const script = importScript({ ref, from, merge, message, time: nextTime(), changes });
      const child = spawn('git', ['-C', directory, 'fast-import', '--quiet', '--force', '--date-format=raw'], {
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const output = collect(child.stdout);
      const complaint = collect(child.stderr);
      const exit = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject).once('close', resolve);
      });
      child.stdin.on('error', () => {}); // git says why on stderr
      child.stdin.end(script);
      const code = await exit;
      if (code !== 0) throw new Error(`git fast-import failed: ${(await complaint).toString()}`);
      return (await output).toString().trim();
    },
    async tag(tag, target = 'refs/heads/main', message) {
      await git('tag', '-f', ...(message === undefined ? [] : ['-a', '-m', message]), tag, target);
      return await git('rev-parse', `refs/tags/${tag}`);
    },
    async branch(branch, target) {
      if (target === null) await git('update-ref', '-d', `refs/heads/${branch}`);
      else await git('update-ref', `refs/heads/${branch}`, target);
    },
  };
}

interface ImportStep {
  readonly ref: string;
  readonly from: string | undefined;
  readonly merge: readonly string[];
  readonly message: string;
  readonly time: string;
  readonly changes: FileChanges;
}

/** One commit in the language of `git fast-import`. */
function importScript({ ref, from, merge, message, time, changes }: ImportStep): Buffer {
  const parts: Uint8Array[] = [];
  const line = (text: string): void => {
    parts.push(Buffer.from(`${text}\n`));
  };
  const data = (content: string | Uint8Array): void => {
    const bytes = Buffer.from(content);
    line(`data ${bytes.length}`);
    parts.push(bytes);
    line('');
  };
  line(`commit ${ref}`);
  line('mark :1');
  line(`author Ada <ada@example.com> ${time}`);
  line(`committer Ada <ada@example.com> ${time}`);
  data(`${message}\n`);
  if (from !== undefined) line(`from ${from}^0`);
  for (const parent of merge) line(`merge ${parent}`);
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) {
      line(`D ${quotePath(path)}`);
      continue;
    }
    const file: FileWithMode =
      typeof change === 'string' || change instanceof Uint8Array ? { mode: '100644', content: change } : change;
    if (file.mode === '160000') {
      line(`M 160000 ${Buffer.from(file.content).toString()} ${quotePath(path)}`);
      continue;
    }
    line(`M ${file.mode} inline ${quotePath(path)}`);
    data(file.content);
  }
  line('get-mark :1');
  return Buffer.concat(parts);
}

function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function observe(request: IncomingMessage, response: ServerResponse, body: Buffer): MutableRequest {
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    protocol: String(request.headers['git-protocol'] ?? ''),
    authorization: request.headers.authorization,
    body,
    bytesOut: 0,
    get status() {
      return response.statusCode;
    },
  };
}

type MutableRequest = Omit<GitRequest, 'bytesOut'> & { bytesOut: number };

function isAllowed(auth: GitServerAuth | undefined, header: string | undefined): boolean {
  if (auth === undefined) return true;
  const accepted: string[] = [];
  if (auth.bearer !== undefined) accepted.push(`Bearer ${auth.bearer}`);
  if (auth.basic !== undefined) {
    const pair = `${auth.basic.username}:${auth.basic.password}`;
    accepted.push(`Basic ${Buffer.from(pair).toString('base64')}`);
  }
  return header !== undefined && accepted.includes(header);
}

function cgiEnvironment(request: IncomingMessage, root: string, options: GitServerOptions): NodeJS.ProcessEnv {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const protocol = options.protocolV2 === false ? '' : header('git-protocol');
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: options.smart === false ? '' : search.slice(1),
    CONTENT_TYPE: header('content-type'),
    REMOTE_ADDR: '127.0.0.1',
    ...(request.headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: header('content-encoding') }),
    ...(protocol === '' ? {} : { GIT_PROTOCOL: protocol, HTTP_GIT_PROTOCOL: protocol }),
  };
}

/** Runs the CGI program for one request. */
async function runBackend(
  backend: string,
  env: NodeJS.ProcessEnv,
  record: MutableRequest,
  response: ServerResponse,
): Promise<void> {
  const child = spawn(backend, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  response.once('close', () => {
    child.kill();
  });
  child.stdin.on('error', () => {}); // the program may answer before it has read everything
  child.stdin.end(record.body);
  const send = async (chunk: Buffer): Promise<void> => {
    record.bytesOut += chunk.length;
    if (!response.write(chunk)) await drained(response);
  };
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (head === undefined) {
      await send(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) continue;
    writeHead(head.toString('latin1', 0, end), response);
    const rest = head.subarray(end + 4);
    head = undefined;
    if (rest.length > 0) await send(rest);
  }
  if (head !== undefined) throw new Error('git http-backend gave no answer');
  response.end();
}

function writeHead(head: string, response: ServerResponse): void {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve).once('close', resolve);
  return promise.finally(() => {
    response.off('drain', resolve).off('close', resolve);
  });
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

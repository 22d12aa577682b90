import type { Client } from '@homeostat/kube';
import { createClient } from '@homeostat/kube/http';
import type { Impersonation, RequestRecord } from '@homeostat/kube';
import { kubeData } from '@homeostat/kube/data';
import { createFieldsCache } from '@homeostat/merge';
import { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import type { TokenUser, User } from './auth/users.ts';
import { bootstrap } from './bootstrap.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { startControllers } from './controllers/controllers.ts';
import type { ControllerOptions } from './controllers/controllers.ts';
import { createDecoder } from './decode/decoder.ts';
import { Faults } from './faults/faults.ts';
import type { FaultInjector } from './faults/faults.ts';
import { makeCertificate } from './http/certificate.ts';
import { Documents } from './http/documents.ts';
import { handle } from './http/handle.ts';
import type { Serving } from './http/serving.ts';
import { listen } from './http/https-server.ts';
import { kubeconfigText } from './http/kubeconfig.ts';
import { memoryTransport } from './http/memory-transport.ts';
import type { ServedRequest } from './http/served-request.ts';
import { Metrics } from './http/metrics.ts';
import { metaRules } from './registry/meta-rules.ts';
import { hexToken, systemRandom } from './random.ts';
import type { Random } from './random.ts';
import { createAdmission } from './registry/admission.ts';
import type { AdmitHook } from './registry/admission.ts';
import { createAllocator } from './registry/allocator.ts';
import { builtinResources } from './registry/builtin-resources.ts';
import { serveDefinitions } from './registry/definitions.ts';
import type { Registry } from './registry/registry.ts';
import { Resources } from './registry/resources.ts';
import { createWebhooks } from './registry/webhooks.ts';
import { scaleTypeOf } from './registry/scale.ts';
import { scaleTable } from './table/builtin-table.ts';
import type { SimulationOptions } from './simulate/simulate.ts';
import { Store } from './store/store.ts';

export interface ApiServerOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Where to listen. Default `127.0.0.1`: nobody beyond this machine gets in. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** For uids, names, tokens and the ends of watches, in [0, 1). Default: the system's; a seeded one makes runs repeat. */
  readonly random?: Random;
  /** Asked before every write. */
  readonly admit?: AdmitHook;
  /** Who may come, with their tokens. Default: `admin`, of `system:masters`, with a token of its own. */
  readonly users?: readonly ApiServerUser[];
  /** Changes that are remembered for watches and for reading the past. Default 10,000. */
  readonly eventsKept?: number;
  /** Garbage collection, the end of namespaces, default ServiceAccounts, … Default: they run. `false`: as in envtest, they do not. */
  readonly controllers?: boolean | ControllerOptions;
  /** Plays the workloads of a cluster with one node: Deployments make Pods, and Pods become ready. Default: nobody does. */
  readonly simulate?: 'workloads' | SimulationOptions;
  /** Told of every request when it is answered, whichever way it came; must not throw. */
  readonly onRequest?: (request: ServedRequest) => void;
}

export interface ApiServerUser extends User {
  /** Default: a random one. */
  readonly token?: string;
  /** No fault strikes this user. Default false. */
  readonly spared?: boolean;
}

export interface InProcessOptions {
  readonly userAgent?: string;
  /** One of the server's users, by name. Default: the first. */
  readonly user?: string;
  readonly impersonate?: Impersonation;
  /** Called after every exchange of this client; must not throw. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A running server. */
export interface ApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The text of a kubeconfig with one context per user. */
  readonly kubeconfig: string;
  readonly clock: Clock;
  /** What is to go wrong. */
  readonly faults: FaultInjector;
  /** A client of this process: no socket, no TLS, the same answers. Closed with the server. */
  client(options?: InProcessOptions): Client & AsyncDisposable;
  /** Forgets the history up to now: older watches and continue tokens are answered with 410. */
  expire(): void;
  /** Resolves once the controllers have nothing to do at this moment of the clock. */
  settled(): Promise<void>;
  /**
   * Moves a manual clock on by `ms`, from one thing that is due to the next, and lets the controllers settle after each.
   *
   * @throws {TypeError} when the server runs on another clock.
   */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

const EVENTS = 10_000;
const EVENT_BYTES = 32 * 1024 * 1024;

/** Starts a Kubernetes API server in this process. */
export async function createApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { clock = systemClock(), random = systemRandom(), host = '127.0.0.1', eventsKept = EVENTS } = options;
  const users = usersOf(options.users, random);
  const store = new Store({ events: eventsKept, eventBytes: EVENT_BYTES });
  const data = kubeData();
  const decoder = createDecoder(data);
  const rules = metaRules(decoder);
  const resources = new Resources(builtinResources(data, decoder, rules));
  const registry: Registry = {
    store,
    resources,
    clock,
    random,
    admission: createAdmission(store, options.admit, createWebhooks(store, random)),
    allocator: createAllocator(store),
    fields: createFieldsCache(),
  };
  const tokens = new ServiceAccountTokens(hexToken(random, 64), store, clock);
  let port = options.port ?? 0;
  let ready = false;
  const documents = new Documents(
    data,
    () => `${printHost(host)}:${String(port)}`,
    () => clock.now(),
  );
  serveDefinitions(store, resources, data, rules, (customs) => documents.setCustom(customs));
  const faults = new Faults({
    clock,
    random,
    version: () => store.version,
    spared: new Set(options.users?.filter(({ spared }) => spared === true).map(({ name }) => name)),
  });
  const serving: Serving = {
    registry,
    users,
    readToken: (token) => tokens.read(token),
    signToken: (claims) => tokens.sign(claims),
    documents,
    decoder,
    scaleTable: scaleTable(data),
    scaleType: scaleTypeOf(data),
    isReady: () => ready,
    metrics: new Metrics(),
    faults,
    onRequest: options.onRequest,
  };

  const certificate = makeCertificate(certifiedHosts(host), clock.now());
  const server = await listen({ host, port, certificate }, (request) => handle(serving, request));
  port = server.port;
  await bootstrap(registry, port);
  const controllers = await startControllers(registry, {
    ca: certificate.ca,
    version: data.version,
    controllers: options.controllers ?? true,
    simulate: options.simulate,
  });
  await controllers.settled();
  ready = true;
  const url = `https://${printHost(host)}:${String(port)}`;
  const clients = new Set<AsyncDisposable>();

  const close = async (): Promise<void> => {
    await Promise.all([...clients].map((client) => client[Symbol.asyncDispose]()));
    controllers.stop();
    await server.close();
  };
  return {
    url,
    kubeconfig: kubeconfigText(url, certificate.ca, users),
    clock,
    faults,
    client({ userAgent, user, impersonate, onRequest } = {}) {
      const who = user === undefined ? users[0] : users.find(({ name }) => name === user);
      if (who === undefined) throw new TypeError(`the server has no user "${String(user)}"`);
      const client = createClient(
        {
          server: url,
          insecureSkipTlsVerify: false,
          disableCompression: true,
          credentials: { token: { text: who.token } },
          warnings: [],
        },
        {
          transport: memoryTransport((request) => handle(serving, request)),
          now: () => clock.now(),
          random,
          ...(userAgent !== undefined && { userAgent }),
          ...(impersonate !== undefined && { impersonate }),
          ...(onRequest !== undefined && { onRequest }),
        },
      );
      clients.add(client);
      return client;
    },
    expire: () => store.expire(),
    settled: controllers.settled,
    elapse: controllers.elapse,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function usersOf(users: readonly ApiServerUser[] | undefined, random: Random): TokenUser[] {
  const given = users ?? [{ name: 'admin', uid: 'admin', groups: ['system:masters'] }];
  return given.map((user) => ({ ...user, token: user.token ?? hexToken(random, 32) }));
}

/** An IPv6 address stands in brackets in a URL. */
function printHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function certifiedHosts(host: string): string[] {
  const own = [
    'localhost',
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
  ];
  return own.includes(host) ? own : [...own, host];
}

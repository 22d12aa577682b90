/** What a story is about: the report counts requests, and differing ones, for each. */
export const categories = [
  'verbs and kinds',
  'metadata',
  'apply and managers',
  'lists',
  'watches',
  'tables',
  'patches',
  'errors',
  'dry runs and field validation',
  'deletion and owners',
  'namespaces',
  'subresources',
  'custom resources',
  'discovery and reviews',
  'defaults',
  'refusals',
  'recorded traffic',
] as const;

export type Category = (typeof categories)[number];

/**
 * One story: requests in order, to be told to two servers.
 *
 * In every text of a step `{ns}` is a namespace of this telling alone, `{id}` a name that no other telling uses (for what
 * belongs to the whole cluster), and `{{label.path.to.value}}` what the step with that label was answered; a text that is
 * nothing but one such reference becomes the value itself.
 */
export interface Script {
  readonly name: string;
  readonly category: Category;
  readonly steps: readonly Step[];
  /** Whether events of several objects come in an order that Kubernetes does not promise. Default: false. */
  readonly unordered?: boolean;
}

export type Step = Request | OpenWatch | ReadWatch;

interface Common {
  /** Under which later steps refer to the answer. */
  readonly label?: string;
}

export interface Request extends Common {
  /** `METHOD /path?query`. */
  readonly send: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it stands, in place of `body`. */
  readonly text?: string;
  /** Content-Type. Default: `application/json` where there is something to send. */
  readonly type?: string;
  readonly accept?: string;
  /** User-Agent. Default: `storyteller/1.0`; '' sends none. */
  readonly agent?: string;
  /** Whose token. Default: admin's. */
  readonly as?: 'admin' | 'someone' | 'nobody' | 'stranger';
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Asks again until the answer has this status, ten seconds at most; the last answer counts. */
  readonly until?: number;
  /** Asks again until this holds. */
  readonly untilSeen?: (body: unknown) => boolean;
  /** Sends it without looking at the answer: for cleaning up after a story. */
  readonly unseen?: boolean;
}

export interface OpenWatch extends Common {
  /** `/path?query` without `watch`. */
  readonly watch: string;
  readonly label: string;
  readonly accept?: string;
}

/** Reads from a watch that is open until it has so many events and then, for a moment, no more. */
export interface ReadWatch {
  readonly read: string;
  readonly events: number;
  /** Waits until the server ends it. */
  readonly toEnd?: boolean;
}

export interface StepOptions extends Omit<Request, 'send' | 'body'> {
  readonly query?: string;
}

export function script(category: Category, name: string, steps: readonly Step[]): Script {
  return { category, name, steps };
}

const CLUSTER_SCOPED = new Set([
  'namespaces',
  'nodes',
  'persistentvolumes',
  'clusterroles',
  'clusterrolebindings',
  'storageclasses',
  'priorityclasses',
  'ingressclasses',
  'customresourcedefinitions',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'apiservices',
  'flowschemas',
  'prioritylevelconfigurations',
  'runtimeclasses',
  'csidrivers',
  'csinodes',
  'volumeattachments',
  'certificatesigningrequests',
]);

/** `configmaps`, `apps/v1/deployments`, with a name and a subresource → its path, in the namespace of the telling. */
export function at(resource: string, name?: string, subresource?: string): string {
  const parts = resource.split('/');
  const plural = parts.at(-1) ?? resource;
  const base = parts.length === 1 ? '/api/v1' : `/apis/${parts.slice(0, -1).join('/')}`;
  const scope = CLUSTER_SCOPED.has(plural) ? '' : '/namespaces/{ns}';
  return [
    `${base}${scope}/${plural}`,
    ...(name === undefined ? [] : [name]),
    ...(subresource ? [subresource] : []),
  ].join('/');
}

/** Splits `apps/v1/deployments web status` into the path of that object. */
function path(target: string, query: string | undefined): string {
  const [resource = '', name, subresource] = target.split(' ');
  const plain = resource.startsWith('/') ? resource : at(resource, name, subresource);
  return query === undefined ? plain : `${plain}?${query}`;
}

export function get(target: string, { query, ...options }: StepOptions = {}): Request {
  return { send: `GET ${path(target, query)}`, ...options };
}

export function post(target: string, body: unknown, { query, ...options }: StepOptions = {}): Request {
  return { send: `POST ${path(target, query)}`, body, ...options };
}

export function put(target: string, body: unknown, { query, ...options }: StepOptions = {}): Request {
  return { send: `PUT ${path(target, query)}`, body, ...options };
}

export function del(target: string, body?: unknown, { query, ...options }: StepOptions = {}): Request {
  return { send: `DELETE ${path(target, query)}`, ...(body !== undefined && { body }), ...options };
}

export function merge(target: string, body: unknown, options: StepOptions = {}): Request {
  return patch('application/merge-patch+json', target, body, options);
}

export function strategic(target: string, body: unknown, options: StepOptions = {}): Request {
  return patch('application/strategic-merge-patch+json', target, body, options);
}

export function jsonPatch(target: string, body: unknown, options: StepOptions = {}): Request {
  return patch('application/json-patch+json', target, body, options);
}

function patch(type: string, target: string, body: unknown, { query, ...options }: StepOptions): Request {
  return { send: `PATCH ${path(target, query)}`, body, type, ...options };
}

/** Server-side apply as `manager`; `force` and further options through `query`. */
export function apply(
  manager: string,
  target: string,
  body: unknown,
  { query, ...options }: StepOptions = {},
): Request {
  const asked = `fieldManager=${manager}${query === undefined ? '' : `&${query}`}`;
  return { send: `PATCH ${path(target, asked)}`, body, type: 'application/apply-patch+yaml', ...options };
}

export function watch(label: string, target: string, query = '', accept?: string): OpenWatch {
  return { watch: path(target, query === '' ? undefined : query), label, ...(accept !== undefined && { accept }) };
}

export function read(label: string, events: number): ReadWatch {
  return { read: label, events };
}

/** A story in which several objects change at once, each by the server's own hand. */
export function unordered(told: Script): Script {
  return { ...told, unordered: true };
}

/** Whether a step is a request of its own: reading on from an open watch is none. */
export function isRequest(step: Step): step is Request | OpenWatch {
  return !('read' in step);
}

/** One line that tells the step from the others of its script. */
export function titleOf(step: Step, index: number): string {
  const what = 'send' in step ? step.send : 'watch' in step ? `WATCH ${step.watch}` : `READ ${step.read}`;
  return `${index + 1}. ${what.length > 200 ? `${what.slice(0, 200)}…` : what}`;
}

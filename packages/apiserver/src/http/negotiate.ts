import { ApiError, notAcceptable } from '../status.ts';

/** In which form an answer is wanted. */
export interface Wanted {
  readonly format: 'json' | 'yaml';
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata';
  /** Of `meta.k8s.io`, for the forms other than `object`. */
  readonly version: 'v1' | 'v1beta1';
  /** Spaces and newlines for people. */
  readonly pretty: boolean;
}

export interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const JSON_TYPES = new Set(['application/json', '*/*']);
const YAML_TYPES = new Set(['application/yaml', 'application/x-yaml', 'text/yaml']);
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPTED = ['application/json', 'application/yaml', PROTOBUF];
const STREAMED = ['application/json;stream=watch', `${PROTOBUF};stream=watch`];

/** The ranges of an Accept header, the most wanted first. */
export function parseAccept(header: string): MediaRange[] {
  return header
    .split(',')
    .map((part) => {
      const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
      const parameters: Record<string, string> = {};
      for (const piece of rest) {
        const equals = piece.indexOf('=');
        if (equals > 0) parameters[piece.slice(0, equals).toLowerCase()] = piece.slice(equals + 1);
      }
      return { type: type.toLowerCase(), parameters, weight: Number(parameters['q'] ?? 1) };
    })
    .filter(({ type }) => type !== '')
    .toSorted((a, b) => b.weight - a.weight);
}

/** What the answer will be. */
export interface Expected {
  readonly stream?: boolean;
  readonly list?: boolean;
  /** The type of the object, for messages. */
  readonly what?: string;
}

function wrongForm(as: string, what: string): string {
  return as.endsWith('List')
    ? `you requested ${as}, but the requested object is not a list (*${what})`
    : `you requested ${as}, but the requested object is a list (*${what}List)`;
}

/**
 * The first form in Accept that this server writes. Protobuf is never written: a client that takes nothing else is told so.
 *
 * @throws {ApiError} 406.
 */
export function negotiate(
  accept: string | undefined,
  { stream = false, list = false, what = '' }: Expected = {},
): Omit<Wanted, 'pretty'> {
  const ranges = parseAccept(accept ?? '');
  if (ranges.length === 0) return { format: 'json', as: 'object', version: 'v1' };
  for (const { type, parameters } of ranges) {
    const format = JSON_TYPES.has(type) ? 'json' : YAML_TYPES.has(type) && !stream ? 'yaml' : undefined;
    if (format === undefined) continue;
    const { as, g: group = 'meta.k8s.io', v: version = 'v1' } = parameters;
    if (as === undefined) return { format, as: 'object', version: 'v1' };
    if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'Table') return { format, as, version };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      if (!stream && list !== (as === 'PartialObjectMetadataList')) {
        throw new ApiError(406, 'NotAcceptable', wrongForm(as, what));
      }
      return { format, as: 'PartialObjectMetadata', version };
    }
  }
  const known = ranges.some(({ type }) => JSON_TYPES.has(type) || YAML_TYPES.has(type) || type === PROTOBUF);
  if (known) throw notAcceptable(stream ? STREAMED : ACCEPTED);
  throw new ApiError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${[...ACCEPTED, ...(list || stream ? STREAMED : [])].join(', ')}`,
    {},
  );
}

/** Kubernetes indents for browsers and curl, and where the query says so. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const pretty = query.get('pretty');
  if (pretty !== null && pretty !== '') {
    if (/^(1|t|true)$/i.test(pretty)) return true;
    return false;
  }
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? '');
}

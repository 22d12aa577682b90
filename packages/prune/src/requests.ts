import { isRecord } from '@homeostat/kube';
import type { ManagedFieldsEntry, ObjectMeta, SetIdentity } from '@homeostat/kube';

const PREFIX = 'homeostat.dev/request-';

/** What people can ask for at the parent of a set. */
export type RequestKind = 'confirm' | 'suspend' | 'resume' | 'sync-now' | 'rollback';

/**
 * Something that somebody asks for by an annotation of the parent.
 *
 * | Annotation | Value |
 * |---|---|
 * | `homeostat.dev/request-confirm` | `<namespace>/<name>:<digest of what is held>` |
 * | `homeostat.dev/request-suspend` | `<namespace>/<name>:true`, or `:false` to resume |
 * | `homeostat.dev/request-sync-now` | `<namespace>/<name>:<anything that was not there before>` |
 * | `homeostat.dev/request-rollback` | `<namespace>/<name>:<full commit id>`, for as long as it stands there |
 *
 * Each names its set, so that a copy at another parent asks for nothing. Behind a space may stand who asks, and behind that and `: ` why.
 */
export interface ParentRequest {
  readonly request: RequestKind;
  /** The digest, `true`, `false`, the token, or the commit. */
  readonly argument: string;
  /** The whole value: as long as it stands unchanged it is one request, and is honoured once. */
  readonly value: string;
  /** Who, as the value says, else the field manager of the annotation. */
  readonly by: string;
  /** Why, as the value says. */
  readonly reason?: string;
  /** When the annotation was last written, as the server says; RFC 3339. */
  readonly at?: string;
}

/** A request that was dealt with. */
export interface HandledRequest extends ParentRequest {
  /** `not-held`: nothing with the digest that was confirmed is held. */
  readonly outcome: 'honoured' | 'not-held';
  /** RFC 3339. */
  readonly handledAt: string;
}

/** What a parent asks for, in a fixed order, and what it says that means nothing. */
export interface ParentRequests {
  readonly requests: readonly ParentRequest[];
  /** One sentence each. */
  readonly ignored: readonly string[];
}

/** The annotation that asks for it: its key and its value. */
export function requestAnnotation(
  { namespace, name }: Pick<SetIdentity, 'namespace' | 'name'>,
  { request, argument, by, reason = '' }: Pick<ParentRequest, 'request' | 'argument' | 'by' | 'reason'>,
): readonly [key: string, value: string] {
  const who = by.replaceAll(/:\s/g, ' ');
  const why = reason.trim() === '' ? '' : `: ${reason.trim()}`;
  return [`${PREFIX}${annotationOf(request)}`, `${namespace}/${name}:${argument} ${who}${why}`.trim()];
}

/** Whether two requests stand in the same annotation: the later one takes the place of the earlier. */
export function isSameAnnotation(a: RequestKind, b: RequestKind): boolean {
  return annotationOf(a) === annotationOf(b);
}

function annotationOf(request: RequestKind): string {
  return request === 'resume' ? 'suspend' : request;
}

/** Reads the requests of a parent. Pure. */
export function parseRequests(
  { annotations = {}, managedFields = [] }: Pick<ObjectMeta, 'annotations' | 'managedFields'>,
  set: Pick<SetIdentity, 'namespace' | 'name'>,
): ParentRequests {
  const requests: ParentRequest[] = [];
  const ignored: string[] = [];
  for (const key of Object.keys(annotations).toSorted()) {
    if (!key.startsWith(PREFIX)) continue;
    const value = (annotations[key] ?? '').trim();
    const [, asked, argument, who, why] = /^([^\s:]*):(\S+)(?:\s+(?!:\s)(.*?))?(?:\s*:\s+(.*))?$/s.exec(value) ?? [];
    const request = kindOf(key.slice(PREFIX.length), argument);
    if (asked === undefined || argument === undefined || request === undefined) {
      ignored.push(`the annotation ${key}: ${JSON.stringify(value.slice(0, 100))} asks for nothing that is known`);
    } else if (asked !== `${set.namespace}/${set.name}`) {
      ignored.push(`the annotation ${key} asks the set ${asked.slice(0, 200)}, and stands at another`);
    } else {
      const writer = writerOf(key, managedFields);
      const by = who ?? writer?.manager ?? 'somebody';
      const at = writer?.time;
      requests.push({
        request,
        argument,
        value,
        by: by.slice(0, 200),
        ...(why !== undefined && { reason: why.slice(0, 500) }),
        ...(at !== undefined && { at }),
      });
    }
  }
  return { requests, ignored };
}

function kindOf(name: string, argument: string | undefined): RequestKind | undefined {
  switch (name) {
    case 'confirm':
    case 'sync-now':
      return name;
    case 'suspend':
      return argument === 'true' ? 'suspend' : argument === 'false' ? 'resume' : undefined;
    case 'rollback':
      return argument !== undefined && COMMIT.test(argument) ? name : undefined;
    default:
      return undefined;
  }
}

/** A whole id, SHA-1 or SHA-256: what an abbreviation means may change. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The manager that owns the annotation; of several the last, which is the one that wrote it. */
function writerOf(key: string, entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry | undefined {
  return entries
    .filter(({ fieldsV1 }) => {
      const metadata = fieldsV1?.['f:metadata'];
      const annotations = isRecord(metadata) ? metadata['f:annotations'] : undefined;
      return isRecord(annotations) && `f:${key}` in annotations;
    })
    .toSorted((a, b) => (a.time ?? '').localeCompare(b.time ?? ''))
    .at(-1);
}

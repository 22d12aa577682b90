import { compileIgnore, withoutFields } from '@homeostat/diff';
import type { Ignored } from '@homeostat/diff';
import { digest, directivesOf, payloadOf, refKey, refOf, withMembership } from '@homeostat/kube';
import type { DirectiveFinding, Directives, KubeObject, Ref, RefKey, SetIdentity } from '@homeostat/kube';
import type { Origin } from '@homeostat/render';
import type { Policy } from './sync.ts';

/** A desired object as it is compared and applied. */
export interface Prepared {
  readonly ref: Ref;
  readonly key: RefKey;
  readonly origin: Origin;
  /** The payload: with membership, without what the server owns and without ignored fields. */
  readonly object: KubeObject;
  /** The same with the ignored fields, which a new object starts with: nobody else is there yet to set them. */
  readonly initial: KubeObject;
  readonly digest: string;
  readonly autoscaled: boolean;
  readonly directives: Directives;
  readonly directiveFindings: readonly DirectiveFinding[];
  /** Fields left to others; absent when there are none. */
  readonly ignore?: Ignored;
}

/** Turns a rendered object into what is sent. Pure. */
export function prepare(
  desired: KubeObject,
  set: SetIdentity,
  policy: Policy,
  { autoscaled = false }: { readonly autoscaled?: boolean } = {},
): Omit<Prepared, 'origin'> {
  const { directives, findings } = directivesOf(desired);
  const own = directives.ignoreFields.length === 0 ? [] : [{ pointers: [...directives.ignoreFields] }];
  const ignore = compileIgnore([...policy.ignore, ...own], desired, { autoscaled });
  const member = withMembership(payloadOf(desired), set);
  const object = ignore === undefined ? member : withoutFields(member, ignore);
  const ref = refOf(object);
  return {
    ref,
    key: refKey(ref),
    object,
    initial: member,
    autoscaled,
    digest: digest(object),
    directives,
    directiveFindings: findings,
    ...(ignore !== undefined && { ignore }),
  };
}

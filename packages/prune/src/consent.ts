import { digest, refKey } from '@homeostat/kube';
import type { Member, OrphanDecision } from './select-orphans.ts';

/** Deletions that wait for somebody's consent. */
export interface Held {
  /** What is confirmed: see {@link consentTo}. */
  readonly digest: string;
  readonly reason: 'empty-set' | 'over-budget';
  readonly count: number;
  /** One text per object, sorted: its ref key, a space, its uid. Empty where the list is too long to be kept. */
  readonly objects: readonly string[];
}

/** What somebody has confirmed. */
export interface Consent {
  readonly digest: string;
  /** The objects that were shown under this digest, where they are known: then each of them may go, whatever else there is. */
  readonly objects: readonly string[];
}

/**
 * What someone confirms when deletions are held: a short digest of exactly these objects. Decisions give the same before and
 * after they are held, so it can be told from what `selectOrphans` returned.
 */
export function consentTo(decisions: readonly OrphanDecision[]): string {
  const deletions = decisions.filter((one) => one.decision === 'prune' || isHeld(one));
  return digestOf(deletions.map(({ member }) => nameOf(member)));
}

/** What of these decisions waits for consent; `undefined` when nothing does. */
export function heldOf(decisions: readonly OrphanDecision[]): Held | undefined {
  const held = decisions.filter(isHeld);
  const [first] = held;
  if (first === undefined) return undefined;
  const objects = held.map(({ member }) => nameOf(member)).toSorted();
  return { digest: digestOf(objects), reason: first.reason, count: objects.length, objects };
}

/** Whether the consent is to the deletion of this object. */
export function consentsTo(
  consent: Consent | undefined,
  decisions: readonly OrphanDecision[],
): (one: Member) => boolean {
  if (consent === undefined) return () => false;
  if (consent.digest === consentTo(decisions)) return () => true;
  // Somebody may have edited the list: only the digest says what was confirmed.
  const shown = new Set(digestOf(consent.objects) === consent.digest ? consent.objects : []);
  return (member) => shown.has(nameOf(member));
}

function isHeld(
  one: OrphanDecision,
): one is OrphanDecision & { readonly decision: 'keep'; readonly reason: Held['reason'] } {
  return one.decision === 'keep' && (one.reason === 'empty-set' || one.reason === 'over-budget');
}

/** The uid too: what is made anew under the same name is another object. */
function nameOf({ ref, uid }: Member): string {
  return `${refKey(ref)} ${uid}`;
}

function digestOf(objects: readonly string[]): string {
  return digest(objects.toSorted()).slice(0, 12);
}

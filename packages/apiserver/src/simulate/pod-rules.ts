import type { KubeObject } from '@homeostat/kube';
import { textAt } from '../draft.ts';
import { imagesOf } from './pods.ts';

/**
 * What becomes of a Pod.
 *
 * - `Ready`: its containers run and are ready.
 * - `Slow`: as `Ready`, after half a minute.
 * - `NeverReady`: its containers run, and that is all.
 * - `ImagePullBackOff`: its images are not found.
 * - `CrashLoopBackOff`: its containers end with exit code 1, again and again; with `restartPolicy: Never` once.
 * - `Unschedulable`: no node takes it.
 */
export type PodFate = (typeof FATES)[number];

const FATES = ['Ready', 'Slow', 'NeverReady', 'ImagePullBackOff', 'CrashLoopBackOff', 'Unschedulable'] as const;

/** Pods that all of it holds for. A rule without a condition is about every Pod. */
export interface PodRule {
  /** A container's image, `*` standing for any text: `*:broken`. */
  readonly image?: string;
  /** Labels that the Pod has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly fate: PodFate;
  /** How long it takes to come to that, from when the Pod has a node. Default: `startMs` of the simulation; for `Slow` 30,000. */
  readonly afterMs?: number;
}

/** On a Pod, or on the template that it is made from: one of {@link PodFate}, stronger than every rule. */
export const FATE_ANNOTATION = 'simulate.homeostat.dev/pod';
/** Beside it: after how many milliseconds. */
export const AFTER_ANNOTATION = 'simulate.homeostat.dev/after-ms';

const SLOW_MS = 30_000;

export interface DecidedFate {
  readonly fate: PodFate;
  readonly afterMs: number;
}

/** The annotation decides, else the first rule that fits; a Pod without either is ready after `startMs`. */
export function fateOf(pod: KubeObject, rules: readonly PodRule[], startMs: number): DecidedFate {
  const { annotations = {} } = pod.metadata;
  const annotated = FATES.find((fate) => fate === annotations[FATE_ANNOTATION]);
  const rule = annotated === undefined ? rules.find((one) => fits(one, pod)) : undefined;
  const fate = annotated ?? rule?.fate ?? 'Ready';
  const text = annotations[AFTER_ANNOTATION] ?? '';
  const asked = /^[0-9]{1,9}$/.test(text) ? Number(text) : rule?.afterMs;
  return { fate, afterMs: asked ?? (fate === 'Slow' ? SLOW_MS : startMs) };
}

function fits({ image, labels = {}, namespace }: PodRule, pod: KubeObject): boolean {
  if (namespace !== undefined && namespace !== pod.metadata.namespace) return false;
  const own: Readonly<Record<string, unknown>> = pod.metadata.labels ?? {};
  if (!Object.entries(labels).every(([key, value]) => textAt(own, key) === value)) return false;
  return image === undefined || imagesOf(pod).some((one) => matchesPattern(image, one));
}

/** From left to right, each part at its first place: no backtracking, whatever the pattern. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  if (parts.length === 1) return text === pattern;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

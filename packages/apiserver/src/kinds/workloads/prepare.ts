import type { Draft, DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, setDefault, textAt } from '../../draft.ts';
import { same } from '../pod/same.ts';
import { dropDisabledFields } from '../pod/drop-disabled-fields.ts';
import { labelLikeTemplate, TEMPLATE_GENERATION } from './defaults.ts';

/** The pod template of a workload; a CronJob has it in the template of its Jobs. */
export function podTemplateOf(draft: Readonly<Draft>): DraftMap | undefined {
  if (draft.kind === 'PodTemplate') return mapAt(draft, 'template');
  const spec = mapAt(draft, 'spec');
  return mapAt(draft.kind === 'CronJob' ? mapAt(mapAt(spec, 'jobTemplate'), 'spec') : spec, 'template');
}

/** What creation does to every workload: its status is the server's own, and it starts out as `status`. */
export function prepareWorkload(draft: Draft, status: Readonly<DraftMap>): void {
  draft['status'] = structuredClone(status);
  dropDisabled(draft);
}

/** What an update of every workload does: its status stays as it is. */
export function keepStatus(draft: Draft, old: Readonly<Draft>): void {
  if (old['status'] === undefined) Reflect.deleteProperty(draft, 'status');
  else draft['status'] = structuredClone(old['status']);
  dropDisabled(draft);
}

function dropDisabled(draft: Draft): void {
  dropDisabledFields(mapAt(podTemplateOf(draft), 'spec'));
  const spec = mapAt(draft, 'spec');
  const job = draft.kind === 'CronJob' ? mapAt(mapAt(spec, 'jobTemplate'), 'spec') : spec;
  if (job !== undefined && (draft.kind === 'Job' || draft.kind === 'CronJob')) {
    Reflect.deleteProperty(job, 'scheduling');
  }
}

/** The template generation of a DaemonSet: 1 at first, one more with every other template, never what clients write. */
export function countTemplates(draft: Draft, old: Readonly<Draft> | undefined): void {
  const annotations = ensureMap(draft.metadata, 'annotations');
  const before = Number(textAt(mapAt(old?.metadata, 'annotations'), TEMPLATE_GENERATION));
  if (old === undefined) {
    annotations[TEMPLATE_GENERATION] = String(Math.max(1, Number(annotations[TEMPLATE_GENERATION])));
  } else {
    const unchanged = same(podTemplateOf(draft), podTemplateOf(old));
    annotations[TEMPLATE_GENERATION] = String(unchanged ? before : before + 1);
  }
}

const UID_LABEL = 'batch.kubernetes.io/controller-uid';

/**
 * Gives a Job the selector and the labels by which it finds its Pods, unless it brings its own selector. Needs the uid
 * that the registry has given the Job.
 */
export function generateJobSelector(draft: Draft): void {
  const spec = ensureMap(draft, 'spec');
  if (spec['manualSelector'] !== true) {
    const uid = textAt(draft.metadata, 'uid');
    const labels = ensureMap(ensureMap(ensureMap(spec, 'template'), 'metadata'), 'labels');
    for (const name of ['job-name', 'batch.kubernetes.io/job-name']) {
      setDefault(labels, name, textAt(draft.metadata, 'name'));
    }
    for (const name of ['controller-uid', UID_LABEL]) setDefault(labels, name, uid);
    setDefault(ensureMap(ensureMap(spec, 'selector'), 'matchLabels'), UID_LABEL, uid);
  }
  labelLikeTemplate(draft);
}

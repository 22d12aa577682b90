import type { DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault, textAt } from '../../draft.ts';
import { defaultContainer, replaceZero } from './default-container.ts';
import { defaultVolume } from './default-volume.ts';
import { roundToMilli } from './resource-list.ts';
import { CONTAINER_LISTS } from './visit-containers.ts';

/** The template in a workload: what it lacks to be the metadata and spec of Pods. */
export function defaultPodTemplate(template: DraftMap): void {
  ensureMap(template, 'metadata');
  defaultPodSpec(ensureMap(template, 'spec'));
}

/** What the server fills in wherever a pod spec stands, in a Pod or in a template. */
export function defaultPodSpec(spec: DraftMap): void {
  mirrorServiceAccount(spec);
  replaceZero(spec, 'dnsPolicy', 'ClusterFirst');
  replaceZero(spec, 'restartPolicy', 'Always');
  ensureMap(spec, 'securityContext');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  replaceZero(spec, 'schedulerName', 'default-scheduler');
  for (const volume of mapsAt(spec, 'volumes')) defaultVolume(volume);
  for (const list of CONTAINER_LISTS) for (const container of mapsAt(spec, list)) defaultContainer(container);
  roundToMilli(mapAt(spec, 'overhead'));
  const resources = mapAt(spec, 'resources');
  roundToMilli(mapAt(resources, 'limits'));
  roundToMilli(mapAt(resources, 'requests'));
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are kept, and the new one wins. */
function mirrorServiceAccount(spec: DraftMap): void {
  const name = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (name === '') return;
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
}

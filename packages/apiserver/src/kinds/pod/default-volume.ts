import type { DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault, textAt } from '../../draft.ts';
import { defaultFieldSources, replaceZero } from './default-container.ts';
import { defaultPullPolicy } from './pull-policy.ts';
import { roundToMilli } from './resource-list.ts';

/** Files are readable by all: 0644. */
const FILE_MODE = 0o644;

/** What the server fills in for one volume of a Pod. A volume without any source is an empty directory. */
export function defaultVolume(volume: DraftMap): void {
  if (Object.keys(volume).every((field) => field === 'name' || volume[field] === null)) volume['emptyDir'] = {};
  for (const [source, fill] of Object.entries(SOURCES)) {
    const there = mapAt(volume, source);
    if (there !== undefined) fill(there);
  }
}

const SOURCES: Readonly<Record<string, (source: DraftMap) => void>> = {
  hostPath: (source) => setDefault(source, 'type', ''),
  secret: (source) => setDefault(source, 'defaultMode', FILE_MODE),
  configMap: (source) => setDefault(source, 'defaultMode', FILE_MODE),
  downwardAPI: (source) => {
    setDefault(source, 'defaultMode', FILE_MODE);
    defaultFiles(source);
  },
  projected: defaultProjected,
  iscsi: (source) => {
    replaceZero(source, 'iscsiInterface', 'default');
  },
  rbd: (source) => {
    replaceZero(source, 'pool', 'rbd');
    replaceZero(source, 'user', 'admin');
    replaceZero(source, 'keyring', '/etc/ceph/keyring');
  },
  azureDisk: (source) => {
    setDefault(source, 'cachingMode', 'ReadWrite');
    setDefault(source, 'fsType', 'ext4');
    setDefault(source, 'readOnly', false);
    setDefault(source, 'kind', 'Shared');
  },
  scaleIO: (source) => {
    replaceZero(source, 'storageMode', 'ThinProvisioned');
    replaceZero(source, 'fsType', 'xfs');
  },
  image: (source) => {
    replaceZero(source, 'pullPolicy', defaultPullPolicy(textAt(source, 'reference')));
  },
  ephemeral: (source) => {
    const template = mapAt(source, 'volumeClaimTemplate');
    if (template === undefined) return;
    ensureMap(template, 'metadata');
    defaultClaimSpec(ensureMap(template, 'spec'));
  },
};

/** The spec of a PersistentVolumeClaim, also inside of templates. */
export function defaultClaimSpec(spec: DraftMap): void {
  setDefault(spec, 'volumeMode', 'Filesystem');
  const resources = ensureMap(spec, 'resources');
  roundToMilli(mapAt(resources, 'limits'));
  roundToMilli(mapAt(resources, 'requests'));
}

function defaultProjected(source: DraftMap): void {
  setDefault(source, 'defaultMode', FILE_MODE);
  for (const one of mapsAt(source, 'sources')) {
    defaultFiles(mapAt(one, 'downwardAPI'));
    const token = mapAt(one, 'serviceAccountToken');
    if (token !== undefined) setDefault(token, 'expirationSeconds', 3600);
  }
}

function defaultFiles(source: DraftMap | undefined): void {
  for (const file of mapsAt(source, 'items')) defaultFieldSources(file);
}

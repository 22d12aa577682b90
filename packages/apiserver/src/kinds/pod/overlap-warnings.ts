import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, textAt } from '../../draft.ts';

interface Place {
  readonly path: string;
  readonly source: string;
}

/** Files of one volume that would be written over each other, or into each other. */
export function overlapWarnings(volumes: readonly DraftMap[]): readonly string[] {
  return volumes.flatMap((volume) => {
    const name = JSON.stringify(textAt(volume, 'name'));
    const warn = (kind: string, texts: readonly string[]): readonly string[] =>
      texts.map((text) => `volume ${name} (${kind}): overlapping paths: ${text}`);
    const configMap = mapAt(volume, 'configMap');
    const secret = mapAt(volume, 'secret');
    return [
      ...warn(`ConfigMap ${quoted(configMap, 'name')}`, overlaps(places(configMap, ''))),
      ...warn(`Secret ${quoted(secret, 'secretName')}`, overlaps(places(secret, ''))),
      ...warn('DownwardAPI', overlaps(places(mapAt(volume, 'downwardAPI'), ''))),
      ...mapsAt(mapAt(volume, 'projected'), 'sources').flatMap((source) =>
        Object.keys(source).length === 0 ? [`volume ${name} (Projected) has no sources provided`] : [],
      ),
      ...warn('Projected', overlaps(mapsAt(mapAt(volume, 'projected'), 'sources').flatMap(projectedPlaces))),
    ];
  });
}

function quoted(source: DraftMap | undefined, name: string): string {
  return JSON.stringify(textAt(source, name));
}

function places(source: DraftMap | undefined, name: string): readonly Place[] {
  return mapsAt(source, 'items').map((one) => ({ path: textAt(one, 'path'), source: name }));
}

function projectedPlaces(source: DraftMap): readonly Place[] {
  const configMap = mapAt(source, 'configMap');
  const secret = mapAt(source, 'secret');
  const token = mapAt(source, 'serviceAccountToken');
  const bundle = mapAt(source, 'clusterTrustBundle');
  const bundleName = textAt(bundle, 'name') || textAt(bundle, 'signerName');
  return [
    ...places(configMap, `ConfigMap ${quoted(configMap, 'name')}`),
    ...places(secret, `Secret ${quoted(secret, 'name')}`),
    ...places(mapAt(source, 'downwardAPI'), 'DownwardAPI'),
    ...(token === undefined ? [] : [{ path: textAt(token, 'path'), source: 'ServiceAccountToken' }]),
    ...(bundle === undefined
      ? []
      : [{ path: textAt(bundle, 'path'), source: `ClusterTrustBundle ${JSON.stringify(bundleName)}` }]),
  ];
}

function overlaps(given: readonly Place[]): readonly string[] {
  const all = given.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return all.flatMap((place, index) =>
    all
      .slice(0, index)
      .filter((earlier) => clash(earlier.path, place.path))
      .map((earlier) => `${printPlace(place)} with ${printPlace(earlier)}`),
  );
}

function clash(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

function printPlace({ path, source }: Place): string {
  return source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`;
}

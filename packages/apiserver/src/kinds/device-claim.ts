import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt, setDefault } from '../draft.ts';
import type { Strategy } from '../strategy.ts';
import { kindStrategy } from './kind-strategy.ts';

/** Claims of devices are stored with their defaults; they are not judged, and nothing is allocated. */
export const resourceClaim: Strategy = kindStrategy({
  setDefaults: (draft) => defaultRequests(mapAt(draft, 'spec')),
  status: { initial: () => ({}), metadata: 'closed' },
});

export const resourceClaimTemplate: Strategy = kindStrategy({
  setDefaults: (draft) => defaultRequests(mapAt(mapAt(draft, 'spec'), 'spec')),
});

function defaultRequests(spec: DraftMap | undefined): void {
  for (const request of mapsAt(mapAt(spec, 'devices'), 'requests')) {
    const exactly = mapAt(request, 'exactly');
    for (const one of [...(exactly === undefined ? [] : [exactly]), ...mapsAt(request, 'firstAvailable')]) {
      setDefault(one, 'allocationMode', 'ExactCount');
      if (one['allocationMode'] === 'ExactCount' && (numberAt(one, 'count') ?? 0) === 0) one['count'] = 1;
    }
  }
}

import { ensureMap, mapAt, mapsAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { read, resourceOf, update } from '../controllers/writes.ts';
import { isDeleted, specOf, statusOf } from './pods.ts';

const WRITER = 'kube-controller-manager';
/** Reserved for tests (RFC 2544): 198.18.0.0/15. */
const FIRST = (198 << 16) | (18 << 8);

/** Gives Services of type LoadBalancer the lowest address that no other has. */
export function loadBalancers({ registry }: ControllerWorld): Controller {
  const { store } = registry;
  const free = (): string => {
    const used = new Set(store.list('services').flatMap(({ object }) => ingressOf(object).map(({ ip }) => ip)));
    for (let number = 1; ; number++) {
      const prefix = FIRST + (number >> 8);
      const ip = `${String(prefix >> 16)}.${String((prefix >> 8) & 255)}.${String(prefix & 255)}.${String(number & 255)}`;
      if (!used.has(ip)) return ip;
    }
  };
  return {
    name: 'load-balancers',
    watches: { services: ownKey },
    async settle(key) {
      const place = { resource: resourceOf(registry, '', 'Service'), key };
      const service = read(registry, place);
      if (service === undefined || isDeleted(service)) return undefined;
      const spec = specOf(service);
      const wanted = spec['type'] === 'LoadBalancer';
      if (wanted === ingressOf(service).length > 0) return undefined;
      const asked = textAt(spec, 'loadBalancerIP');
      const ingress = { ip: asked === '' ? free() : asked, ipMode: 'VIP' };
      await update(
        registry,
        WRITER,
        place,
        (draft) => void (ensureMap(draft, 'status')['loadBalancer'] = wanted ? { ingress: [ingress] } : {}),
        'status',
      );
      return undefined;
    },
  };
}

function ingressOf(service: Parameters<typeof statusOf>[0]): ReturnType<typeof mapsAt> {
  return mapsAt(mapAt(statusOf(service), 'loadBalancer'), 'ingress');
}

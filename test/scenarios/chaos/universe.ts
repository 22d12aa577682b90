import type { KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  definition,
  deployment,
  inNamespace,
  namespaceObject,
  secret,
  service,
  widget,
} from '../../support/objects.ts';
import type { Dice } from './dice.ts';

/** What the seeds of one run may want of the cluster: few names, so that they get in one another's way. */
export const GROUP = 'chaos.example.com';
/** A Namespace that the set brings itself. */
export const OWN_NAMESPACE = 'brought';
/** Where both sets reach for the same names. */
export const SHARED: readonly string[] = ['shared-1', 'shared-2'];

/** The key that others add to ConfigMaps. */
export const ADDED = 'added';

/** An object that a commit may hold; `value` is what it says, so that each commit can say something else. */
export function someObject(dice: Dice, set: string, value: string, secretOf: (value: string) => string): KubeObject {
  const n = 1 + dice.below(4);
  const own = (name: string): string => `${set}-${name}-${String(n)}`;
  const what = dice.weighted({
    plain: 10,
    keep: 1,
    secret: 4,
    service: 2,
    deployment: 3,
    immutable: 2,
    shared: 2,
    elsewhere: 2,
    widget: set === 'site' ? 3 : 0,
    inside: set === 'site' ? 2 : 0,
  });
  switch (what) {
    case 'plain':
      return configMap(own('plain'), { value, n: String(n) });
    case 'keep':
      return annotated(configMap(own('keep'), { value }), { 'homeostat.dev/prune': 'false' });
    case 'secret':
      return secret(own('secret'), { password: secretOf(value) });
    case 'service':
      return service(own('service'), { app: value });
    case 'deployment':
      return deployment(own('deployment'), { template: podTemplate(own('deployment'), value) });
    case 'immutable':
      return {
        ...annotated(configMap(own('immutable'), { value }), { 'homeostat.dev/replace': 'on-immutable' }),
        immutable: true,
      };
    case 'shared':
      return configMap(dice.pick(SHARED), { value, by: set });
    case 'elsewhere':
      return inNamespace(configMap(own('elsewhere'), { value }), 'side');
    case 'widget':
      return widget(GROUP, own('widget'), { value });
    case 'inside':
      return inNamespace(configMap(own('inside'), { value }), OWN_NAMESPACE);
    default:
      return what satisfies never;
  }
}

/** What objects need that are of a kind, or in a namespace, of their own. */
export function whatItNeeds(object: KubeObject): Readonly<Record<string, KubeObject>> {
  if (object.apiVersion === `${GROUP}/v1`) return { 'widgets.yaml': definition(GROUP) };
  if (object.metadata.namespace === OWN_NAMESPACE) return { 'namespace.yaml': namespaceObject(OWN_NAMESPACE) };
  return {};
}

/** No server takes it. */
export function impossible(set: string): KubeObject {
  return configMap(`${set}-impossible`, { 'not a key': 'x' });
}

function podTemplate(name: string, value: string): Readonly<Record<string, unknown>> {
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'web', image: 'web:1', env: [{ name: 'VALUE', value }] }] },
  };
}

import type { KubeObject } from '@homeostat/kube';
import type { Policy } from '@homeostat/reconcile';
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
import type { FileContent, World } from '../../support/world.ts';
import type { EngineTask } from './engine-process.ts';

/** A change of the world, and the engine that is killed while it makes it true. */
export interface Story {
  readonly name: string;
  /** What the set is before; nothing at all without it. */
  readonly before?: Readonly<Record<string, FileContent>>;
  /** What else happens before. */
  readonly prepare?: (world: World) => Promise<void>;
  /** The commit that the engine sets out for. */
  readonly commit?: Readonly<Record<string, FileContent>>;
  /** The policy from then on. */
  readonly policy?: Partial<Policy>;
  readonly work: EngineTask['work'];
}

const frozen = (value: string): KubeObject => ({ ...configMap('frozen', { value }), immutable: true });
const replaceable = (object: KubeObject): KubeObject => annotated(object, { 'homeostat.dev/replace': 'on-immutable' });
const selecting = (app: string): KubeObject =>
  replaceable(
    deployment('web', {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    }),
  );

const application = {
  'config.yaml': configMap('config', { level: 'info' }),
  'key.yaml': secret('key', { password: 'opensesame' }),
  'web.yaml': deployment('web'),
  'service.yaml': service('web', { app: 'web' }),
};

export const stories: readonly Story[] = [
  { name: 'create', commit: application, work: 'once' },
  {
    name: 'create a kind, a namespace and what needs them',
    commit: {
      'definition.yaml': definition('kill.example.com'),
      'widget.yaml': widget('kill.example.com', 'one', { size: 1 }),
      'namespace.yaml': namespaceObject('brought'),
      'inside.yaml': inNamespace(configMap('inside'), 'brought'),
    },
    work: 'once',
  },
  {
    name: 'update',
    before: application,
    commit: {
      'config.yaml': configMap('config', { level: 'debug' }),
      'key.yaml': secret('key', { password: 'openbarley' }),
      'web.yaml': deployment('web', {}, { nodeSelector: { disk: 'fast' } }),
    },
    work: 'once',
  },
  {
    name: 'prune, and narrow the hints of the parent',
    before: { ...application, 'side.yaml': inNamespace(configMap('side'), 'side') },
    commit: { 'key.yaml': null, 'service.yaml': null, 'side.yaml': null },
    work: 'once',
  },
  {
    name: 'rename',
    before: application,
    commit: {
      'config.yaml': configMap('settings', { level: 'info' }),
      'web.yaml': null,
      'site.yaml': deployment('site'),
    },
    work: 'once',
  },
  {
    name: 'replace what cannot be changed in place',
    before: { 'frozen.yaml': replaceable(frozen('1')), 'web.yaml': selecting('web'), 'rest.yaml': configMap('rest') },
    commit: { 'frozen.yaml': replaceable(frozen('2')), 'web.yaml': selecting('site') },
    work: 'once',
  },
  {
    name: 'adopt what people and kubectl made',
    prepare: async ({ admin, namespace }) => {
      const made = (object: KubeObject): KubeObject => inNamespace(object, namespace);
      await admin.create(made(configMap('config', { level: 'info', old: 'yes' })), { manager: 'kubectl-create' });
      const last = JSON.stringify(made(service('web', { app: 'web' })));
      await admin.create(
        annotated(made(service('web', { app: 'web' })), { 'kubectl.kubernetes.io/last-applied-configuration': last }),
        { manager: 'kubectl-client-side-apply' },
      );
      await admin.apply(made(deployment('web', { paused: true })), { manager: 'kubectl' });
    },
    commit: application,
    work: 'once',
  },
  {
    name: 'take away what others added',
    before: application,
    prepare: async (world) => {
      await world.applyAs('somebody', configMap('config', { added: 'by hand' }));
      await world.applyAs('somebody', { ...service('web', {}), spec: { sessionAffinity: 'ClientIP' } });
      await world.applyAs('somebody', { ...deployment('web'), spec: { paused: true } });
    },
    policy: { additions: 'remove' },
    work: 'once',
  },
  {
    name: 'leave fields to others that were ours',
    before: { 'web.yaml': deployment('web', { paused: true, minReadySeconds: 5 }), 'config.yaml': configMap('config') },
    commit: { 'web.yaml': deployment('web', { paused: true, minReadySeconds: 5 }, { nodeSelector: { disk: 'fast' } }) },
    policy: { ignore: [{ pointers: ['/spec/minReadySeconds', '/spec/paused'] }] },
    work: 'once',
  },
  {
    name: 'let go of what is to be detached',
    before: {
      ...application,
      'config.yaml': annotated(configMap('config', { level: 'info' }), {
        'client.lifecycle.config.k8s.io/deletion': 'detach',
      }),
    },
    commit: { 'config.yaml': null },
    work: 'once',
  },
  { name: 'the end of the set', before: application, work: 'delete' },
  { name: 'the end of the set, its objects left', before: application, work: 'orphan' },
  {
    name: 'a loop begins',
    before: { 'config.yaml': configMap('config'), 'old.yaml': configMap('old') },
    commit: { 'config.yaml': configMap('config', { level: 'debug' }), 'old.yaml': null, 'new.yaml': configMap('new') },
    work: 'loop',
  },
];

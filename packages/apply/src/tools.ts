import { refOf } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';

/** Tools that an object can be taken over from, with all that they wrote. */
export type ToolName = 'argocd' | 'cli-utils' | 'config-sync' | 'flux' | 'kapp' | 'kubectl';

/** What becomes ours with an object, and what goes away. */
export interface Inheritance {
  /** Field managers whose fields become ours. */
  readonly managers: readonly string[];
  /** Labels and annotations by which the former owner knew the object: a key, or a prefix that ends in `/`. */
  readonly marks: readonly string[];
}

/** Who claims an object as a whole. */
export interface Claimant {
  /** Whose name in a policy takes the object over; absent where nothing but consent to take from anybody does. */
  readonly tool?: ToolName;
  /** For people: `the Flux Kustomization flux-system/apps`. */
  readonly owner: string;
  /** What is to be done there before the object is taken, so that nobody takes it back or deletes it. */
  readonly advice: string;
  readonly inherits: Inheritance;
}

/**
 * What each tool leaves on the objects that it manages. cli-utils is a library: kpt and the GitLab agent apply with it.
 *
 * Sources: fluxcd/kustomize-controller and fluxcd/pkg/ssa; argoproj/gitops-engine and argo-cd (`util/argo/resource_tracking.go`);
 * kubernetes-sigs/cli-utils (`pkg/common`, `pkg/inventory`); carvel-dev/kapp (`pkg/kapp/app`, `pkg/kapp/resources`);
 * GoogleContainerTools/kpt-config-sync (`pkg/metadata`).
 */
export const TOOLS: Readonly<Record<ToolName, Inheritance>> = {
  argocd: {
    managers: ['argocd-controller', 'argocd-application-controller'],
    marks: ['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/installation-id'],
  },
  'cli-utils': { managers: ['agentk', 'kpt', 'kubectl'], marks: ['config.k8s.io/owning-inventory'] },
  'config-sync': {
    managers: ['configsync', 'configmanagement'],
    marks: ['configsync.gke.io/', 'configmanagement.gke.io/', 'config.k8s.io/owning-inventory'],
  },
  flux: {
    managers: ['kustomize-controller'],
    marks: ['kustomize.toolkit.fluxcd.io/name', 'kustomize.toolkit.fluxcd.io/namespace'],
  },
  kapp: { managers: ['kapp', 'kapp-controller'], marks: ['kapp.k14s.io/'] },
  kubectl: { managers: ['kubectl', 'kubectl-client-side-apply'], marks: [] },
};

const HELM: Inheritance = {
  managers: ['helm', 'helm-controller'],
  marks: ['meta.helm.sh/', 'helm.toolkit.fluxcd.io/'],
};

/** Kinds whose objects carry the labels of another one, by a controller's doing. */
const COPIES = new Set(['Endpoints', 'EndpointSlice.discovery.k8s.io']);

/**
 * Which other tool claims the object, by the marks that it leaves; `undefined` if none does.
 *
 * Marks of a copy do not count: those that name another object, labels that somebody else wrote while the tool itself never wrote
 * the object, and those of Endpoints and EndpointSlices, which carry their Service's.
 */
export function claimantOf(live: KubeObject): Claimant | undefined {
  const { labels, annotations } = live.metadata;
  if (labels === undefined && annotations === undefined) return undefined;
  const mark = (key: string): string | undefined => annotations?.[key] ?? labels?.[key];
  for (const read of READERS) {
    const claimant = read(mark, live);
    if (claimant !== undefined) return claimant;
  }
  return undefined;
}

/** Whether a controller makes objects of this kind with the labels of another object, so that the labels say nothing. */
export function isCopyOfLabels({ group, kind }: Pick<Ref, 'group' | 'kind'>): boolean {
  return COPIES.has(group === '' ? kind : `${kind}.${group}`);
}

/** Whether kubectl's client-side apply, or kubectl under its own name, wrote the object. */
export function isAppliedByKubectl({ metadata }: KubeObject): boolean {
  return metadata.managedFields?.some(({ manager = '' }) => TOOLS.kubectl.managers.includes(manager)) === true;
}

/** The tool that writes under this field manager; kubectl is none, whatever else may write under its name. */
export function toolOf(manager: string): ToolName | undefined {
  const tools = (Object.keys(TOOLS) as ToolName[]).filter((name) => name !== 'kubectl');
  return TOOLS.kubectl.managers.includes(manager)
    ? undefined
    : tools.find((name) => TOOLS[name].managers.includes(manager));
}

/** Whether a label or an annotation is one of these marks. */
export function isMark(key: string, marks: readonly string[]): boolean {
  return marks.some((mark) => (mark.endsWith('/') ? key.startsWith(mark) : key === mark));
}

/** Reads a label or an annotation. */
type Mark = (key: string) => string | undefined;
type Reader = (mark: Mark, live: KubeObject) => Claimant | undefined;

const READERS: readonly Reader[] = [
  (mark, live) => {
    const name = mark('kustomize.toolkit.fluxcd.io/name');
    if (name === undefined || isCopied('kustomize.toolkit.fluxcd.io/name', live, TOOLS.flux)) return undefined;
    const namespace = mark('kustomize.toolkit.fluxcd.io/namespace');
    return {
      tool: 'flux',
      owner: `the Flux Kustomization ${within(namespace, name)}`,
      advice: `flux suspend kustomization ${name}${namespace === undefined ? '' : ` -n ${namespace}`}, until the object is no longer among its own`,
      inherits: TOOLS.flux,
    };
  },
  (mark, live) => {
    const name = mark('helm.toolkit.fluxcd.io/name');
    if (name === undefined || isCopied('helm.toolkit.fluxcd.io/name', live, HELM)) return undefined;
    return {
      owner: `the Flux HelmRelease ${within(mark('helm.toolkit.fluxcd.io/namespace'), name)}`,
      advice: 'suspend the HelmRelease, and take the object out of its chart with helm.sh/resource-policy: keep on it',
      inherits: HELM,
    };
  },
  (mark, live) => {
    const tracking = mark('argocd.argoproj.io/tracking-id');
    const instance = mark('app.kubernetes.io/instance');
    const tracked = tracking !== undefined && namesItself(tracking, live);
    // Any chart may set that label: it tells of an application only where Argo CD itself wrote the object, and by no annotation.
    const labelled = tracking === undefined && instance !== undefined && wrote(live, TOOLS.argocd) && !isCopy(live);
    if (!tracked && !labelled) return undefined;
    const application = tracked ? (tracking.split(':', 1)[0] ?? '') : (instance ?? '');
    return {
      tool: 'argocd',
      owner: `the Argo CD application ${application}`,
      advice: `turn its automated sync off (argocd app set ${application} --sync-policy none), until the object is no longer in its source; to end it, delete it with --cascade=false`,
      inherits: TOOLS.argocd,
    };
  },
  (mark, live) => {
    const id = mark('configsync.gke.io/resource-id');
    if (mark('configmanagement.gke.io/managed') !== 'enabled' && id === undefined) return undefined;
    if (id !== undefined && !id.endsWith(`_${live.metadata.name}`)) return undefined;
    const manager = mark('configsync.gke.io/manager');
    return {
      tool: 'config-sync',
      owner: `Config Sync${manager === undefined ? '' : ` (${manager})`}`,
      advice: 'annotate the object in its source with configmanagement.gke.io/managed: disabled, so that it lets it go',
      inherits: TOOLS['config-sync'],
    };
  },
  (mark) => {
    const id = mark('config.k8s.io/owning-inventory');
    if (id === undefined) return undefined;
    return {
      tool: 'cli-utils',
      owner: `the cli-utils inventory ${id} (kpt, GitLab agent)`,
      advice: `stop what applies with it, and later delete the inventory object itself (it bears the label cli-utils.sigs.k8s.io/inventory-id: ${id}), never by kpt live destroy`,
      inherits: TOOLS['cli-utils'],
    };
  },
  (mark, live) => {
    const app = mark('kapp.k14s.io/app');
    const identity = mark('kapp.k14s.io/identity');
    if (app === undefined || isCopy(live)) return undefined;
    if (identity === undefined ? !wrote(live, TOOLS.kapp) : !isKappIdentity(identity, refOf(live))) return undefined;
    return {
      tool: 'kapp',
      owner: `the kapp application ${app}`,
      advice: 'pause its App (spec.paused: true), or deploy it no more, until the object is no longer in its source',
      inherits: TOOLS.kapp,
    };
  },
  (mark) => {
    const release = mark('meta.helm.sh/release-name');
    if (release === undefined) return undefined;
    const name = within(mark('meta.helm.sh/release-namespace'), release);
    return {
      owner: `the Helm release ${name}`,
      advice: 'take the object out of its chart with helm.sh/resource-policy: keep on it',
      inherits: HELM,
    };
  },
];

function within(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function isCopy(live: KubeObject): boolean {
  return isCopyOfLabels(refOf(live));
}

/** Whether somebody else wrote the label, and the tool itself never wrote the object. */
function isCopied(label: string, live: KubeObject, tool: Inheritance): boolean {
  if (isCopy(live)) return true;
  if (wrote(live, tool)) return false;
  return (live.metadata.managedFields ?? []).some(({ fieldsV1 }) => {
    const labels = (fieldsV1?.['f:metadata'] as Readonly<Record<string, unknown>> | undefined)?.['f:labels'];
    return labels !== undefined && Object.hasOwn(labels as object, `f:${label}`);
  });
}

function wrote({ metadata }: KubeObject, { managers }: Inheritance): boolean {
  return metadata.managedFields?.some(({ manager = '' }) => managers.includes(manager)) === true;
}

/** `<application>:<group>/<kind>:<namespace>/<name>`; of what lives in no namespace it may name one all the same. */
function namesItself(tracking: string, live: KubeObject): boolean {
  const [, groupKind = '', place = ''] = tracking.split(':');
  const { kind, namespace, name } = refOf(live);
  return (
    groupKind.endsWith(`/${kind}`) && (namespace === '' ? place.endsWith(`/${name}`) : place === `${namespace}/${name}`)
  );
}

/** `v1;<namespace>/<group>/<kind>/<name>;<apiVersion>`. */
function isKappIdentity(identity: string, { kind, name }: Ref): boolean {
  return (identity.split(';')[1] ?? '').endsWith(`/${kind}/${name}`);
}

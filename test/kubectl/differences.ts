import type { KubectlVersion } from './story.ts';

/** Commands that print something else about the in-memory server, for a reason. */
export interface KnownDifference {
  readonly story: string;
  /** As the story gives them. */
  readonly commands: readonly string[];
  /** Default: with either. */
  readonly kubectl?: KubectlVersion;
  readonly reason: string;
}

/** A command that no longer differs fails its story. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    story: 'get several kinds at once',
    commands: ['get svc', 'get svc -o wide'],
    reason: 'the simulation gives a Service of type LoadBalancer an address; the control plane has no cloud',
  },
  {
    story: 'get several kinds at once',
    commands: ['get endpoints'],
    reason: 'the simulation writes EndpointSlices, and no Endpoints, which are deprecated',
  },
  {
    story: 'get several kinds at once',
    commands: ['get componentstatuses'],
    reason: 'a deprecated kind about the parts of a control plane, of which the in-memory server has none',
  },
  {
    story: 'describe what stands still',
    commands: ['describe -f a.yaml --show-events=false'],
    reason: 'the simulation gives a Service of type LoadBalancer an address; the control plane has no cloud',
  },
  {
    story: 'describe what stands still',
    commands: [
      'describe pvc disk',
      'get limits,netpol,pvc,pdb,hpa,cronjob',
      'get limits,netpol,pvc,pdb,hpa,cronjob -o wide',
    ],
    reason: 'the simulation provides a volume of any class; the control plane has no such class',
  },
  {
    story: 'describe what stands still',
    commands: ['describe pdb most'],
    reason: 'the simulation writes no event about a budget without Pods',
  },
  {
    story: 'describe what stands still',
    commands: ['describe hpa grow'],
    reason: 'nobody plays the autoscaler',
  },
  {
    story: 'describe what stands still',
    commands: ['describe quota few', 'get quota'],
    reason: 'nobody counts what a ResourceQuota limits',
  },
  {
    story: 'ask what the server has',
    commands: ['version -o yaml', 'get --raw /version'],
    reason: 'the in-memory server was not built by Go from a commit, and does not say so',
  },
  {
    story: 'ask what the server has',
    commands: ['get --raw /readyz?verbose'],
    reason: 'the parts of a real server that it checks are not there',
  },
  {
    story: 'a Pod of a Deployment is described',
    commands: ['describe pods -l app=web --show-events=false', 'get pods -l app=web -o yaml'],
    reason: 'the simulation writes the status that a kubelet writes; the nodes of the control plane write less',
  },
  {
    story: 'a Pod of a Deployment is described',
    commands: ['describe node node-1'],
    reason: 'the node of the control plane has labels and a version of its own, and Pods of other tests on it',
  },
];

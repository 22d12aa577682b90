import type { SkipName } from '../skips.ts';

/** Test files that say nothing about the in-memory server, or nothing that another test does not say. */
export interface ExcludedFiles {
  /** A glob. */
  readonly files: string;
  readonly reason: string;
}

export const needTheRealThing: readonly ExcludedFiles[] = [
  {
    files: 'packages/merge/**',
    reason: 'asks the real server what a merge gives: the in-memory one merges with merge',
  },
  { files: 'packages/apiserver/**', reason: 'compares the in-memory server with the real one' },
  { files: 'test/differential/**', reason: 'compares the in-memory server with the real one' },
  { files: 'test/kubectl/**', reason: 'compares the in-memory server with the real one' },
  { files: 'packages/cel/**', reason: 'asks the real server what it says of expressions' },
  { files: 'packages/render/test/yaml-oracle.*', reason: 'compares rendering with kubectl, without a server' },
  { files: 'packages/apply/test/speed.*', reason: 'measures the real server' },
  {
    files: 'packages/kube/test/{data,scopes}.*',
    reason: 'compares our data with the real server: the in-memory one is made of it',
  },
  { files: 'packages/cli/test/{apiserver,secrets}.*', reason: 'starts servers of its own' },
  {
    files: 'packages/{cli/test/engines,reconcile/test/lease}.*',
    reason: 'waits for Leases to run out, which no server hastens',
  },
  { files: 'test/scenarios/kill.*', reason: 'kills an engine thirty times: half a minute, whatever the server' },
];

/** Single tests, by their titles, that need what the in-memory server does not play. */
const tests: Readonly<Record<string, SkipName>> = {
  'CustomResourceDefinition spec.scope and names; a rule of its author': 'noPolicies',
  'what a policy refuses is denied, even when it says "immutable", and is never replaced': 'noPolicies',
  'an owned value that admission changes is overridden, never silently equal': 'noPolicies',
  'a value that admission changes is overridden, with both values, and never equal': 'noPolicies',
  'that says no to one object is named with its words; the others go on, and nothing is pruned': 'noPolicies',
  'that changes what we write is told once, with both values, and nobody fights it': 'noPolicies',
  'an API service that is down delays the objects of its group alone, and is named': 'noAggregation',
  'the first write to a PersistentVolumeClaim counts its version up for nothing': 'noEtcd',
  "an aggregated ClusterRole's rules": 'noSuchController',
  'and are not taken for members': 'noSuchController',
  'names the group of an API service that is down; its kinds are unknown, not absent, and the others are found':
    'noAggregation',
  'get large answers compressed, unless the kubeconfig says otherwise': 'noCompression',
  'of a pod are its service account': 'noCertificateFile',
  'refuses a certificate that nobody vouches for, and says what to set': 'noCertificateFile',
};

/** Why a test cannot run on the in-memory server. */
export function excludedTest(title: string): SkipName | undefined {
  return tests[title];
}

import type { Difference } from './compare.ts';

/** Steps that the in-memory server answers differently, for a reason. */
export interface KnownDifference {
  /** It comes up now and then: a run without it is no reason to take it off the table. */
  readonly byChance?: true;
  /** The script's name, or what its name matches. */
  readonly script: string | RegExp;
  /** Which steps: what their titles match. Default: all. */
  readonly step?: RegExp;
  readonly reason: string;
}

const YAML_WORDS = 'what is wrong with YAML is said in the words of another parser';
const FIRST_WRITE =
  'the real server stores these kinds anew with their first write, whether or not it changes anything';
const TEMPLATE_GENERATION =
  'the real server adds this annotation when it converts, so that it is missing where metadata alone is read';
const NOT_EVALUATED =
  'this server stores policies and does not evaluate them; it says so in a warning, which the real server need not give';
const NOT_PASSED_ON =
  'this server answers for itself alone; it says so in a warning to who registers an API elsewhere, which is true of it only';
const EMPTY_LIST =
  'Go tells an empty list from none until it stores them; here both are none from the start, which shows in who owns it';
const ORDER_OF_ERRORS = 'the same errors come in another order, in which no client can put its trust';
const NOT_SERVED = 'the real server lists what this server does not serve: exec, attach, logs, proxies, its own parts';

export const knownDifferences: readonly KnownDifference[] = [
  { script: 'bodies that are no object', step: /^(?:38|39|42|43|52)\./, reason: YAML_WORDS },
  { script: 'bodies that cannot be applied', step: /^(?:9|10)\./, reason: YAML_WORDS },
  { script: 'more than is taken', step: /^6\./, reason: YAML_WORDS },
  { script: 'the life of a PersistentVolumeClaim', reason: FIRST_WRITE },
  { script: 'the status of a PersistentVolumeClaim', step: /^4\./, reason: FIRST_WRITE },
  { script: 'the status of a Job', step: /^4\./, reason: FIRST_WRITE },
  { script: 'values the server changes by itself', step: /^10\./, reason: FIRST_WRITE },
  { script: 'what DELETE answers', step: /jobs\/d/, reason: FIRST_WRITE },
  { script: 'the life of a DaemonSet', step: /^(?:8|9|10)\./, reason: TEMPLATE_GENERATION },
  { script: 'cells of workloads', step: /daemonsets/, reason: TEMPLATE_GENERATION },
  { script: 'policies of admission', step: /POST/, reason: NOT_EVALUATED },
  { script: 'a dry run of every kind', step: /apiservices/, reason: NOT_PASSED_ON },
  { script: 'cells of services and the rest', step: /endpointslices$/, reason: EMPTY_LIST },
  { script: 'the life of a definition', step: /^17\./, reason: EMPTY_LIST },
  { script: 'definitions that are refused', step: /^8\./, reason: EMPTY_LIST },
  { script: 'workloads', step: /^38\./, reason: ORDER_OF_ERRORS },
  { script: 'configuration, storage and policy', step: /^23\./, reason: ORDER_OF_ERRORS },
  { script: 'versions and groups', step: /GET \/(?:livez\?verbose)?$/, reason: NOT_SERVED },
  { script: 'OpenAPI', step: /openapi\/v3\/api\/v1$/, reason: NOT_SERVED },
  {
    script: 'kubectl-1.37-waiting-and-watching',
    step: /READ/,
    reason: 'a bookmark of the real server is an empty object with the fields that Go never leaves out',
  },
  {
    script: 'definitions that are refused',
    step: /^32\./,
    reason:
      'this server does not convert by webhooks, and refuses what it would have to serve wrongly, however it is said',
  },
  {
    script: 'services and the network',
    step: /^18\./,
    reason: 'for a dry run the real server asks another allocator, which has other words for the same refusal',
  },
  {
    script: 'what cannot change afterwards',
    step: /^21\./,
    byChance: true,
    reason:
      'the real server draws an address, this one takes the next that is free: the one that has just been given back',
  },
  {
    script: 'what clients cannot change',
    step: /^18\./,
    reason:
      'a patch that takes the apiVersion away makes the real server read the type that it keeps to itself, and miss its name; here the version of the URL holds',
  },
  {
    script: 'metadata, kinds and bodies that are wrong',
    step: /^7\./,
    reason:
      'the real server reads an object of another version as if it had no schema, and warns of all its fields before it refuses it',
  },
  {
    script: 'the life of a CustomResourceDefinition',
    step: /READ/,
    reason: 'the real server tells in three steps how it deletes the objects of a definition',
  },
];

/** The entry that explains a difference. */
export function explain(
  difference: Difference,
  known: readonly KnownDifference[] = knownDifferences,
): KnownDifference | undefined {
  return known.find(
    ({ script, step }) =>
      (typeof script === 'string' ? script === difference.script : script.test(difference.script)) &&
      (step?.test(difference.step) ?? true),
  );
}

/**
 * The one list of what kubectl may print differently about two servers. A value with `mapped` becomes the same
 * placeholder wherever it stands in a story, so that one in the wrong place still shows.
 */
export interface Ignored {
  readonly what: string;
  readonly pattern: RegExp;
  readonly mapped: boolean;
}

const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';

export const ignored: readonly Ignored[] = [
  { what: 'uid', pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, mapped: true },
  { what: 'time', pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, mapped: false },
  { what: 'time', pattern: /\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, mapped: false },
  { what: 'time', pattern: /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000(?: UTC)?/g, mapped: false },
  { what: 'time', pattern: /(?<=^[IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+(?= )/gm, mapped: false },
  // A cell of a table that says how long ago something was or how long it took.
  { what: 'age', pattern: /(?<= {2}|\t|^)(?:\d+[smhdy]){1,2}(?= {2}|\t| \(|$)/gm, mapped: false },
  { what: 'age', pattern: /(?<=\(x\d+ over |\()(?:\d+[smhdy]){1,2}(?=\)| ago\))/g, mapped: false },
  { what: 'version', pattern: /(?<=\bresourceVersion\\*"?:\s*\\*")\d+(?=\\*")/g, mapped: false },
  { what: 'version', pattern: /(?<=^ *Resource Version: +)\d+$/gm, mapped: false },
  { what: 'server port', pattern: /(?<=targetPort: )\d{5}\b/g, mapped: false },
  { what: 'server', pattern: /\b127\.0\.0\.1:\d+\b/g, mapped: false },
  { what: 'address', pattern: /\b10(?:\.\d{1,3}){3}\b/g, mapped: true },
  { what: 'node port', pattern: /(?<=:|\bnodePort"?: |NodePort: .* )3[0-2]\d{3}(?=[/,\n])/g, mapped: true },
  // Of what kubectl writes for its own use.
  { what: 'path', pattern: /\/\S*\/(?=(?:LIVE|MERGED|kubectl-edit)-)/g, mapped: false },
  { what: 'number', pattern: /(?<=\b(?:LIVE|MERGED|kubectl-edit)-)\w+/g, mapped: false },
  // Of Pods and their templates.
  {
    what: 'hash',
    pattern: new RegExp(`(?<=[-=]|pod-template-hash: )${SAFE}{8,10}(?:-${SAFE}{5})?\\b`, 'g'),
    mapped: true,
  },
];

/**
 * Texts for people, which the in-memory server does not carry: of what `explain` prints, names of fields, their types and
 * values are compared.
 */
export const explained = /^(?:GROUP|KIND|VERSION|FIELDS?):|^ *\w+\t<|^ +enum: |^---|^\$|^error:/;

/**
 * Lines about groups that others define while a story is told, of what `api-resources` and `api-versions` print: all
 * names of Kubernetes' own groups end like this, or have no dot.
 */
export const othersGroups = /^(?!.*\.k8s\.io\b)(?:\S+ .*)?[\w-]+(?:\.[\w-]+)+(?:\/v\d|\.[\w-]+$)/;

/** What client-go says on standard error of a watch that the command itself ended within a second of its start. */
export const shortWatch = /^W.*very short watch.*\n/gm;

/** What a server appends to the names that a story leaves to it: also the order of these is up to chance. */
export function generatedNames(prefixes: readonly string[]): readonly Ignored[] {
  return prefixes.map((prefix) => ({
    what: 'suffix',
    pattern: new RegExp(`(?<=\\b${prefix})${SAFE}{5}\\b`, 'g'),
    mapped: false,
  }));
}

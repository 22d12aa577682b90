/**
 * The one list of what two servers may answer differently: nothing else is overlooked.
 *
 * Where a value stands for something (a uid, a generated name, an address), the same value becomes the same
 * placeholder throughout a script, so that a reference to the wrong object still shows.
 */
export const ignored = {
  /** In any text: identities, times, and numbers of revisions inside messages. */
  texts: [
    { what: 'uid', pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, mapped: true },
    { what: 'time', pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=Z)/g, mapped: false },
    { what: 'microseconds', pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?=Z)/g, mapped: false },
    { what: 'address', pattern: /\b10\.0\.(?!0\.0\b)\d{1,3}\.\d{1,3}\b/g, mapped: true },
    { what: 'server', pattern: /\b127\.0\.0\.1:\d+\b/g, mapped: false },
    { what: 'revision', pattern: /(?<=too old resource version: \d+ \()\d+(?=\))/g, mapped: false },
    { what: 'revision', pattern: /(?<=, current: )\d+/g, mapped: false },
    { what: 'revision', pattern: /(?<=ResourceVersion in record \()\d+(?=\))/g, mapped: false },
    { what: 'revision', pattern: /(?<=ResourceVersion in the precondition \()\d+(?=\))/g, mapped: false },
    { what: 'version', pattern: /(?<=\\*"resourceVersion\\*":\\*")\d+/g, mapped: false },
    { what: 'version', pattern: /(?<=resourceVersion: ")\d+/g, mapped: false },
    { what: 'node port', pattern: /(?<=:)3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP))/g, mapped: true },
  ],
  /** Values of fields with these names. */
  fields: [
    { what: 'node port', names: ['nodePort', 'healthCheckNodePort'], mapped: true },
    { what: 'hash', names: ['storageVersionHash', 'etag', 'hash'], mapped: false },
    { what: 'certificate', names: ['ca.crt'], mapped: false },
    {
      what: 'build',
      names: ['gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform'],
      mapped: false,
    },
  ],
  /** What the server appends to a `generateName` of a request, which it first cuts to so many characters. */
  generated: { suffix: '[bcdfghjklmnpqrstvwxz2456789]{5}', prefix: 58 },
  /**
   * Which causes come first where several managers are in conflict: the real server asks them in no order.
   */
  conflictReason: 'FieldManagerConflict',
  /**
   * Entries of managedFields are sorted by time, in whole seconds: which of two comes first depends on when a test runs.
   * That they are sorted as they should be is checked before they are put into an order of ours.
   */
  managedFields: 'managedFields',
  /** When a watch is told of versions between events is up to timers; that it is told at all counts where it ends. */
  bookmark: 'BOOKMARK',
  /** Where a message repeats the object that it refuses, its fields come in the order of Go's structures. */
  repeatedObject: /(?<=Invalid value: )"(?:\{(?:[^"\\]|\\.)*\})"(?=: )/g,
  /** What a column of a table holds, in words. */
  columnText: { of: 'columnDefinitions', name: 'description' },
  /** A cell of a table that says how long ago something was. */
  age: /^(?:\d+[smhdy]){1,2}$/,
  /** Hash in the links of the OpenAPI index. */
  openApiHash: /(?<=\?hash=)[0-9A-F]+/g,
  /**
   * What the in-memory server leaves out of its OpenAPI documents because no client reads it: words, what operations
   * answer, and the operations that tell what resources there are.
   */
  openApi: {
    names: ['description', 'default', 'uniqueItems'],
    paths: /^(?:\/(?:api|apis\/[^/]+)\/v[^/]*\/?|.*\/watch\/.*)$/,
    documents: /^(?!(?:api|apis\/[^/]+)\/v[^/]*$)/,
    documentOfAnotherStory: /^apis\/[a-p]{16}\.io(?:\/|$)/,
    schemas: /\.(?:DeleteOptions|WatchEvent|RawExtension)$/,
  },
  /** Stories told side by side define groups of their own. */
  groupOfAnotherStory: /^[a-p]{16}\.io$/,
} as const;

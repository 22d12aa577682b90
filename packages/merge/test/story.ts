import {
  MergeError,
  applyConfiguration,
  parseFieldsV1,
  paths,
  printPath,
  trackUpdate,
  typeFromOpenApi,
} from '@homeostat/merge';
import type { FieldTracking, JsonObject, OpenApiSchema, TypeUse } from '@homeostat/merge';

/**
 * One object and what its managers do to it, told in values of its `spec`. Time goes on by a second with every step.
 *
 * Stories speak of three versions, `v1`, `v2` and `v3`, of one schema unless told otherwise.
 */
export interface Story {
  readonly apply: (manager: string, spec: unknown, options?: StepOptions) => Story;
  readonly force: (manager: string, spec: unknown, options?: StepOptions) => Story;
  readonly update: (manager: string, spec: unknown, options?: StepOptions) => Story;
  /** The conflicts of an apply, as `manager path`, or the code and message of another error. */
  readonly refusal: (manager: string, spec: unknown, options?: StepOptions) => readonly string[];
  /** What follows sees another schema, or other options. */
  readonly now: (change: Partial<FieldTracking>) => Story;
  readonly object: () => JsonObject | undefined;
  readonly spec: () => unknown;
  readonly entries: () => readonly JsonObject[];
  /** What everyone owns beneath `.spec`; `manager` for Apply, `manager (Update)`; `manager@v2` for another version. */
  readonly owners: () => Readonly<Record<string, string>>;
}

export interface StepOptions {
  readonly version?: string;
  readonly subresource?: string;
  /** More of the object, beside its spec. */
  readonly more?: JsonObject;
  readonly metadata?: JsonObject;
}

const texts = { type: 'object', additionalProperties: { type: 'string' } };

/** As much of ObjectMeta as the stories need. */
const OBJECT_META = {
  type: 'object',
  properties: {
    ...Object.fromEntries(['name', 'namespace', 'uid', 'resourceVersion'].map((name) => [name, { type: 'string' }])),
    labels: texts,
    annotations: texts,
    managedFields: { type: 'array', items: { type: 'object' } },
  },
};

/** The type of an object with this schema for its spec. */
export function specType(spec: OpenApiSchema): TypeUse {
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return typeFromOpenApi({ type: 'object', properties: { spec, status } }, () => OBJECT_META);
}

export function story(spec: OpenApiSchema, more: Partial<FieldTracking> = {}): Story {
  const type = specType(spec);
  let tracking: Omit<FieldTracking, 'now'> = {
    typeOf: (version) => (/^v[123]$/.test(version) ? type : undefined),
    convert: (object, apiVersion) => ({ ...object, apiVersion }),
    ...more,
  };
  let live: JsonObject | undefined;
  let seconds = 0;

  const objectOf = (value: unknown, { version = 'v1', more: rest = {}, metadata = {} }: StepOptions) => ({
    apiVersion: version,
    kind: 'T',
    metadata: { name: 't', ...metadata },
    ...(value !== undefined && { spec: value }),
    ...rest,
  });
  const context = ({ version = 'v1', subresource }: StepOptions) => {
    if (live !== undefined && live['apiVersion'] !== version) live = { ...live, apiVersion: version };
    seconds++;
    const now = `2026-01-01T00:00:${String(seconds).padStart(2, '0')}Z`;
    return { ...tracking, now, ...(subresource !== undefined && { subresource }) };
  };
  const apply = (manager: string, value: unknown, options: StepOptions, force: boolean) => {
    const around = context(options);
    live = applyConfiguration(live, objectOf(value, options), { ...around, manager, force }).object;
    return told;
  };

  const told: Story = {
    apply: (manager, value, options = {}) => apply(manager, value, options, false),
    force: (manager, value, options = {}) => apply(manager, value, options, true),
    update: (manager, value, options = {}) => {
      const around = context(options);
      const kept = (live?.['metadata'] ?? {}) as JsonObject;
      const next = objectOf(value, options);
      live = trackUpdate(live, { ...next, metadata: { ...kept, ...next.metadata } }, { ...around, manager });
      return told;
    },
    refusal: (manager, value, options = {}) => {
      try {
        apply(manager, value, options, false);
      } catch (error) {
        if (!(error instanceof MergeError)) throw error;
        if (error.code !== 'CONFLICT') return [error.code, error.message];
        return error.conflicts.map((conflict) => `${conflict.manager} ${conflict.path}`);
      }
      return [];
    },
    now: (change) => {
      tracking = { ...tracking, ...change };
      return told;
    },
    object: () => live,
    spec: () => live?.['spec'],
    entries: () => entriesOf(live),
    owners: () => ownersOf(live),
  };
  return told;
}

function entriesOf(object: JsonObject | undefined): readonly JsonObject[] {
  const metadata = object?.['metadata'] as JsonObject | undefined;
  return (metadata?.['managedFields'] ?? []) as readonly JsonObject[];
}

export function ownersOf(object: JsonObject | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entriesOf(object).map((entry) => {
      const { manager, operation, apiVersion, subresource, fieldsV1 } = entry as Readonly<Record<string, string>>;
      const version = apiVersion === 'v1' ? '' : `@${apiVersion}`;
      const part = subresource === undefined ? '' : `/${subresource}`;
      const name = `${manager}${version}${part}${operation === 'Update' ? ' (Update)' : ''}`;
      return [
        name,
        [...paths(parseFieldsV1(fieldsV1))].map((path) => printPath(path).replace(/^\.spec(?=.)/, '')).join(' '),
      ];
    }),
  );
}

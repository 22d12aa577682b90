import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { TOOLS } from '@homeostat/apply';
import { parseDuration } from '@homeostat/kube';
import { ReconcileError } from './error.ts';
import type { Identity } from './identity.ts';
import { defineSync } from './sync.ts';
import type { Policy, Sync } from './sync.ts';
import { syncSchema } from './sync-schema.ts';

/** A sync document as it stands in a file. */
export interface SyncDocument {
  readonly name: string;
  readonly namespace?: string;
  readonly source: SourceDocument;
  readonly path?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly suspend?: boolean;
  readonly dependsOn?: readonly { readonly name: string; readonly namespace?: string }[];
  readonly takeOver?: boolean;
  readonly impersonate?: Identity;
  readonly policy?: Readonly<Record<string, unknown>>;
}

export interface SourceDocument {
  readonly url: string;
  readonly ref?: string;
  readonly directory?: boolean;
  readonly tokenFile?: string;
  readonly username?: string;
}

const DURATIONS = ['interval', 'poll', 'waitTimeout', 'deadline'] as const;

/**
 * Reads a sync document: `where` names it in messages. An unknown key is refused, not ignored: a policy with a typing error
 * must not fall back to another one in silence.
 *
 * @throws {ReconcileError} `SYNC_INVALID`, with one reason per key that is wrong.
 */
export function parseSync(
  value: unknown,
  { where, namespace }: { readonly where: string; readonly namespace: string },
): { readonly sync: Sync; readonly source: SourceDocument } {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    formats: { duration: (text: string) => parseDuration(text) !== undefined },
  });
  const validate = ajv.compile<SyncDocument>(syncSchema);
  if (!validate(value)) {
    // Why neither branch of a choice fits is told once, by the choice.
    const errors = (validate.errors ?? []).filter(({ schemaPath }) => !schemaPath.includes('/oneOf/'));
    const reasons = [...new Set(errors.map(reasonOf))];
    throw new ReconcileError('SYNC_INVALID', `${where} is not a sync document: ${reasons.join('; ')}`, { reasons });
  }
  const { source, path, include, exclude, policy = {}, ...rest } = value;
  const durations = Object.fromEntries(
    DURATIONS.flatMap((key) => (typeof policy[key] === 'string' ? [[key, parseDuration(policy[key])]] : [])),
  );
  const budget = { percent: 50, count: 10, ...(policy['pruneBudget'] as object | undefined) };
  return {
    sync: defineSync({
      ...rest,
      namespace: value.namespace ?? namespace,
      render: {
        kind: 'auto',
        path: path ?? '',
        ...(include !== undefined && { include: [...include] }),
        ...(exclude !== undefined && { exclude: [...exclude] }),
      },
      policy: { ...(policy as Partial<Policy>), ...durations, pruneBudget: budget },
    }),
    source,
  };
}

function reasonOf({ instancePath, keyword, params, message }: ErrorObject): string {
  const at = instancePath.slice(1).replaceAll('/', '.') || 'the document';
  switch (keyword) {
    case 'additionalProperties': {
      const { additionalProperty } = params as { additionalProperty: string };
      return `${at === 'the document' ? '' : `${at}.`}${additionalProperty} is no key that is known here`;
    }
    case 'pattern':
      return at.startsWith('policy.adoptFrom')
        ? `${at} must be one of ${Object.keys(TOOLS).join(', ')}, or a set as set/<namespace>/<name>`
        : `${at} ${message ?? 'is wrong'}`;
    case 'enum':
      return `${at} must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
    case 'oneOf':
      return `${at} must name either a serviceAccount of the namespace of the sync, or a user with what belongs to one`;
    case 'format':
      return `${at} must be a duration, as 30s or 10m`;
    default:
      return `${at} ${message ?? 'is wrong'}`;
  }
}

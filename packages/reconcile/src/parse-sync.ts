import { TOOLS } from '@homeostat/apply';
import { parseDuration } from '@homeostat/kube';
import { Validator } from 'jsonschema';
import type { ValidationError } from 'jsonschema';
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
  const validator = new Validator();
  validator.customFormats = {
    ...validator.customFormats,
    'go-duration': (text: unknown) => typeof text !== 'string' || parseDuration(text) !== undefined,
  };
  const { errors } = validator.validate(value, syncSchema);
  if (errors.length > 0) {
    const reasons = [...new Set(errors.map(reasonOf))];
    throw new ReconcileError('SYNC_INVALID', `${where} is not a sync document: ${reasons.join('; ')}`, { reasons });
  }
  const document = value as SyncDocument;
  const { source, path, include, exclude, policy = {}, ...rest } = document;
  const durations = Object.fromEntries(
    DURATIONS.flatMap((key) => (typeof policy[key] === 'string' ? [[key, parseDuration(policy[key])]] : [])),
  );
  const budget = { percent: 50, count: 10, ...(policy['pruneBudget'] as object | undefined) };
  return {
    sync: defineSync({
      ...rest,
      namespace: document.namespace ?? namespace,
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

function reasonOf({ path, name, argument, message }: ValidationError): string {
  const at = path.join('.') || 'the document';
  switch (name) {
    case 'additionalProperties':
      return `${[...path, argument].join('.')} is no key that is known here`;
    case 'pattern':
      return at.startsWith('policy.adoptFrom')
        ? `${at} must be one of ${Object.keys(TOOLS).join(', ')}, or a set as set/<namespace>/<name>`
        : `${at} ${message}`;
    case 'enum':
      return `${at} must be one of ${argument.join(', ')}`;
    case 'type':
      return `${at} must be ${argument.join(' or ')}`;
    case 'oneOf':
      return `${at} must name either a serviceAccount of the namespace of the sync, or a user with what belongs to one`;
    case 'format':
      return `${at} must be a duration, as 30s or 10m`;
    default:
      return `${at} ${message}`;
  }
}

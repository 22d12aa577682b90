import type { Draft, DraftMap } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { eachText } from './checks.ts';

/** What is particular about one kind; everything that is left out does nothing. */
export interface KindRules {
  readonly setDefaults?: (draft: Draft) => void;
  readonly prepareCreate?: (draft: Draft, context: StrategyContext) => void;
  readonly prepareUpdate?: (draft: Draft, old: Readonly<Draft>, context: StrategyContext) => void;
  /** What is wrong with an object as such; asked on create and on update. */
  readonly validate?: (draft: Readonly<Draft>, old: Readonly<Draft> | undefined) => readonly FieldError[];
  /** What is wrong with a change, besides `validate`. */
  readonly validateChange?: (draft: Readonly<Draft>, old: Readonly<Draft>) => readonly FieldError[];
  /** Finalizers without a domain need not be Kubernetes' own. */
  readonly anyFinalizer?: true;
  readonly warnings?: (draft: Readonly<Draft>, old: Readonly<Draft> | undefined) => readonly string[];
  readonly status?: StatusRules;
}

/** A kind whose status has an endpoint of its own: the main endpoint keeps it as it is. */
export interface StatusRules {
  /** The status of a new object, whatever the client sent. */
  readonly initial: (draft: Draft, context: StrategyContext) => unknown;
  /** `open`: the status endpoint changes labels, annotations, finalizers and owners too; `closed`: it does not. */
  readonly metadata: 'open' | 'closed';
  readonly prepareUpdate?: (draft: Draft, old: Readonly<Draft>) => void;
  readonly validate?: (draft: Readonly<Draft>, old: Readonly<Draft>) => readonly FieldError[];
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];
const METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences', 'deletionTimestamp', 'generation'] as const;

/** Turns what is particular about a kind into its strategy. */
export function kindStrategy(rules: KindRules): Strategy {
  const { status, validate, validateChange } = rules;
  const finalizers = rules.anyFinalizer === true ? () => [] : standardFinalizerErrors;
  return {
    setDefaults(draft) {
      rules.setDefaults?.(draft);
    },
    prepareCreate(draft, context) {
      rules.prepareCreate?.(draft, context);
      if (status !== undefined) draft['status'] = status.initial(draft, context);
    },
    prepareUpdate(draft, old, context) {
      if (status !== undefined) keep(draft, old, 'status');
      rules.prepareUpdate?.(draft, old, context);
    },
    validateCreate: (draft) => inOrder([...finalizers(draft), ...(validate?.(draft, undefined) ?? [])]),
    validateUpdate: (draft, old) =>
      inOrder([...finalizers(draft), ...(validateChange?.(draft, old) ?? []), ...(validate?.(draft, old) ?? [])]),
    ...(rules.warnings !== undefined && { warnings: rules.warnings }),
    ...(status !== undefined && { status: statusStrategy(status) }),
  };
}

/**
 * The strategy of a kind that nothing is known about but its schema: defaults are the decoder's, every object that decodes
 * is accepted, and any change too.
 *
 * @param initialStatus of new objects of a kind with a status endpoint: there alone counts what clients send as `status`.
 */
export function plainStrategy(initialStatus?: DraftMap): Strategy {
  return kindStrategy(
    initialStatus === undefined ? {} : { status: { initial: () => ({ ...initialStatus }), metadata: 'closed' } },
  );
}

/** Gives `field` the value that it has in `old`, absence included. */
export function keep(draft: Record<string, unknown>, old: Readonly<Record<string, unknown>>, field: string): void {
  if (old[field] === undefined) delete draft[field];
  else draft[field] = structuredClone(old[field]);
}

function statusStrategy(status: StatusRules): NonNullable<Strategy['status']> {
  return {
    prepareUpdate(draft, old) {
      for (const field of new Set([...Object.keys(draft), ...Object.keys(old)])) {
        if (field !== 'status' && field !== 'metadata') keep(draft, old, field);
      }
      if (status.metadata === 'closed') for (const field of METADATA) keep(draft.metadata, old.metadata, field);
      status.prepareUpdate?.(draft, old);
    },
    validateUpdate: (draft, old) => inOrder(status.validate?.(draft, old) ?? []),
  };
}

/** A finalizer of built-in kinds is one of Kubernetes' own or has a domain. */
export function standardFinalizerErrors(draft: Readonly<Draft>): FieldError[] {
  return eachText(draft.metadata, 'finalizers', 'metadata', (name, path) =>
    name.includes('/') || STANDARD_FINALIZERS.includes(name)
      ? []
      : [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')],
  );
}

function inOrder(errors: readonly FieldError[]): readonly FieldError[] {
  if (!errors.some((error) => error.late === true)) return errors;
  return [...errors.filter((error) => error.late !== true), ...errors.filter((error) => error.late === true)];
}

import { mapAt, textAt } from '../draft.ts';
import { forbidden } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { bounded, notNegative } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';

export const lease: Strategy = kindStrategy({
  anyFinalizer: true,
  prepareCreate: dropCoordination,
  prepareUpdate: dropCoordination,
  validate(draft) {
    const spec = mapAt(draft, 'spec');
    const holder = textAt(spec, 'preferredHolder');
    return [
      ...bounded(spec, 'leaseDurationSeconds', 'spec', [1, Infinity], 'must be greater than 0'),
      ...notNegative(spec, 'leaseTransitions', 'spec'),
      ...(holder === '' ? [] : [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')]),
    ];
  },
});

/** Fields of coordinated leader election, which is off by default. */
function dropCoordination(draft: Readonly<Record<string, unknown>>): void {
  const spec = mapAt(draft, 'spec');
  delete spec?.['strategy'];
  delete spec?.['preferredHolder'];
}

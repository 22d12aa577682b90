import { Environment, Optional } from '@marcbachmann/cel-js';
import { registerConversions } from './functions/conversions.ts';
import { registerFormats } from './functions/formats.ts';
import { registerLists } from './functions/lists.ts';
import { registerMacros } from './functions/macros.ts';
import { registerNetwork } from './functions/network.ts';
import { registerQuantity } from './functions/quantity.ts';
import type { Regex } from './functions/regex.ts';
import { register } from './functions/register.ts';
import { registerSemver } from './functions/semver.ts';
import { registerStrings } from './functions/strings.ts';
import { registerTime } from './functions/time.ts';
import { registerUrl } from './functions/url.ts';
import type { Meter } from './meter.ts';
import { entriesOf, numberOf } from './values.ts';

/** Kubernetes' functions, but for those that a meter watches. Complete before the first program is made of it. */
const common = createCommon();

function createCommon(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  registerMacros(environment);
  registerTime(environment);
  registerLists(environment);
  registerQuantity(environment);
  registerNetwork(environment);
  registerUrl(environment);
  registerConversions(environment);
  registerSemver(environment);
  registerFormats(environment);
  register(environment, {
    'OptionalNamespace.ofNonZeroValue(A): optional<A>': (_optional: unknown, value: unknown) =>
      isZero(value) ? Optional.none() : Optional.of(value),
  });
  return environment;
}

/** What one program runs in: nothing of it is shared with another. */
export function createEnvironment(
  variables: readonly string[],
  meter: Meter,
): { readonly environment: Environment; readonly regex: Regex } {
  const environment = common.clone();
  for (const name of variables) environment.registerVariable(name, 'dyn');
  return { environment, regex: registerStrings(environment, meter) };
}

function isZero(value: unknown): boolean {
  const number = numberOf(value);
  if (number !== undefined) return Number(number) === 0;
  return value === null || value === false || value === '' || entriesOf(value)?.length === 0;
}

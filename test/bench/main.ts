import { benchApiServer } from './apiserver.ts';
import { benchApply } from './apply.ts';
import { benchDiff } from './diff.ts';
import { benchDrift } from './drift.ts';
import { benchGit } from './git.ts';
import { benchGrowth } from './growth.ts';
import { benchImport } from './import.ts';
import { machine } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchNoop } from './noop.ts';
import { benchPlan } from './plan.ts';
import { benchRender } from './render.ts';
import { benchStorm } from './storm.ts';
import { benchSyncs } from './syncs.ts';

/** `npm run bench [name …]`: all of the first ones by default, in this order. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  apiserver: benchApiServer,
  apply: benchApply,
  diff: benchDiff,
  drift: benchDrift,
  git: benchGit,
  import: benchImport,
  memory: benchMemory,
  noop: benchNoop,
  plan: benchPlan,
  render: benchRender,
  storm: benchStorm,
  syncs: benchSyncs,
};

/** Those that take minutes run only by name. */
const long: typeof benches = { growth: benchGrowth };

async function main(names: readonly string[]): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(benches);
  const unknown = wanted.filter((name) => !Object.hasOwn(benches, name) && !Object.hasOwn(long, name));
  if (unknown.length > 0) {
    console.error(
      `no bench is called ${unknown.join(', ')}; there are: ${Object.keys({ ...benches, ...long }).join(', ')}`,
    );
    process.exitCode = 64;
    return;
  }
  console.log(machine());
  for (const name of wanted) {
    console.log(`\n## ${name}`);
    await (benches[name] ?? long[name])?.();
  }
}

await main(process.argv.slice(2));

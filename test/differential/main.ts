/**
 * Tells scripts to two servers and prints what they answer differently: for working on the in-memory server.
 *
 *     node --conditions=@homeostat/source test/differential/main.ts --real KUBECONFIG [--only TEXT] [--out FILE] [--twice]
 *
 * `--twice` tells them to the real server twice instead. Nothing is measured against the table of known differences.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { reuseControlPlane } from '../support/control-plane/start.ts';
import { explain } from './differences.ts';
import { startMemoryServer } from './memory-server.ts';
import { tellAll } from './tell-all.ts';
import { countByCategory, printCounts, printDifferences } from './report.ts';
import { allScripts } from './scripts/index.ts';

const { values } = parseArgs({
  options: {
    real: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    twice: { type: 'boolean', default: false },
    examples: { type: 'string', default: '3' },
  },
});
if (values.real === undefined) throw new Error('--real names the kubeconfig of a control plane in mode "owners"');

const plane = await reuseControlPlane(values.real, undefined);
const real = { name: 'real', url: plane.server, adminToken: plane.adminToken, userToken: plane.userToken };
await using memory = values.twice ? undefined : await startMemoryServer();
const pattern = new RegExp(values.only ?? '', 'i');
const scripts = allScripts().filter(({ name, category }) => pattern.test(`${category}: ${name}`));

const comparisons = await tellAll(scripts, real, memory ?? real);

const differences = comparisons.flatMap((one) => one.differences);
const unknown = differences.filter((one) => explain(one) === undefined);
const text = `${printCounts(countByCategory(comparisons))}\n\n${printDifferences(unknown, Number(values.examples))}\n`;
if (values.out === undefined) process.stdout.write(text);
else writeFileSync(values.out, text);

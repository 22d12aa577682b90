/**
 * Writes recorded.json, for tests on a machine without a server: of every kind the case of which there is most, as a
 * real server wrote it in both forms. Everything is a dry run.
 *
 *     node --conditions=@homeostat/source packages/apiserver/test/protobuf/record.ts KUBECONFIG
 */
import { writeFile } from 'node:fs/promises';
import { kubeData } from '@homeostat/kube/data';
import { reuseControlPlane } from '../../../../test/support/control-plane/start.ts';
import { groupKindOf } from '../kinds/replay.ts';
import { cases, formsOf } from './forms.ts';

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined) throw new Error('which kubeconfig?');
const plane = await reuseControlPlane(kubeconfig, undefined);
const data = kubeData();

const byKind = Map.groupBy(cases, ({ object }) => `${object.apiVersion} ${groupKindOf(object).join('/')}`);
const lines: string[] = [];
for (const some of byKind.values()) {
  const [longest] = some.toSorted((a, b) => JSON.stringify(b.object).length - JSON.stringify(a.object).length);
  if (longest === undefined) continue;
  const { title, protobuf, json } = await formsOf(longest, plane, 'default', data);
  lines.push(JSON.stringify({ title, protobuf: Buffer.from(protobuf).toString('base64'), json }));
}
await writeFile(new URL('recorded.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`);

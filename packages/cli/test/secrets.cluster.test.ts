/**
 * How it must behave: no Secret value in any output. Every command is run over Secrets with random values, well-formed and
 * refused, as text and as JSON; what it prints is searched for every value, as it stands and in base64.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { startGitServer } from '../../../test/support/git-server.ts';
import { homeostat } from './support/run.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Words that stand nowhere else; the same for the same seed. */
function wordsFrom(start: number): () => string {
  let state = start | 0;
  return () =>
    Array.from({ length: 12 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return 'bcdfghjkmnpqrstvwxz'[(state >>> 8) % 19];
    }).join('');
}

cluster.test(`no command prints a value of a Secret (SEED=${seed})`, async ({ client, namespace, kubeconfig }) => {
  await using server = await startGitServer();
  const repository = await server.createRepository();
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-secrets-'));
  await using _ = {
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  const word = wordsFrom(seed);
  const traces: string[] = [];
  const value = (): string => {
    const drawn = word();
    traces.push(drawn);
    return drawn;
  };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const secrets = (): Record<string, string> => ({
    'plain.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {k: ${value()}, l: ${value()}}\n`,
    'encoded.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: encoded}\ndata: {k: ${base64(value())}}\n`,
    'fixed.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: fixed}\nimmutable: true\nstringData: {k: ${value()}}\n`,
    'refused.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: refused}\ndata: {k: "not base64 ${value()}"}\n`,
    'wrong.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: wrong}\nstringData: {k: {inner: ${value()}}}\n`,
    'broken.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: broken}\nstringData:\n  k: "${value()}\n  l: [\n`,
  });
  const printed: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    for (const output of ['text', 'json']) {
      const { stdout, stderr } = await homeostat([...args, '--output', output], { env: { KUBECONFIG: kubeconfig } });
      printed.push(`${args.join(' ')}\n${stdout}${stderr}`);
    }
  };
  const set = ['--name', 'vault', '--namespace', namespace];
  const stored = join(folder, 'plan.json');
  for (let round = 0; round < 2; round += 1) {
    await repository.commit(secrets());
    await run('render', repository.url, ...set);
    await run('plan', repository.url, ...set, '--out', stored);
    printed.push(await readFile(stored, 'utf8'));
    await run('diff', repository.url, ...set);
    await run('apply', stored);
    await run('sync', repository.url, ...set, '--once', '--no-wait');
    await run('status', ...set);
  }
  // What somebody else wrote is a secret too.
  const ref = { group: '', kind: 'Secret', namespace, name: 'plain' };
  await client.patch(ref, { type: 'merge', value: { stringData: { k: value(), extra: value() } } });
  await run('diff', repository.url, ...set);
  await run('sync', repository.url, ...set, '--once', '--no-wait');
  await run('destroy', ...set);
  await run('destroy', ...set, '--yes');

  expect(printed.join('\n')).toContain('Secret'); // it is Secrets that were told of
  const text = printed.join('\n');
  for (const trace of traces) {
    for (const written of [trace, base64(trace).replace(/=+$/, '').slice(0, -1)]) {
      const at = text.indexOf(written);
      expect(at, `shows ${written}: ${text.slice(Math.max(0, at - 300), at + 100)}`).toBe(-1);
    }
  }
});

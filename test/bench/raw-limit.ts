import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

/**
 * The limit of a control plane: server-side-apply PATCHes from one Node process, 16 in flight, and nothing else.
 * Prints the milliseconds that the loop took. usage: raw-limit.ts SERVER TOKEN FILE, where each line of FILE is
 * `{ "path": …, "body": … }`.
 */
async function main([server = '', token = '', file = '']: readonly string[]): Promise<void> {
  const patches = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly path: string; readonly body: unknown })
    .map(({ path, body }) => ({ path, body: JSON.stringify(body) }));
  const pool = new Pool(server, { connections: 16, connect: { rejectUnauthorized: false } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' };
  const began = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let patch = patches[next++]; patch !== undefined; patch = patches[next++]) {
      const path = `${patch.path}?fieldManager=limit&force=true`;
      const answer = await pool.request({ method: 'PATCH', path, headers, body: patch.body });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`${patch.path}: ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  console.log(performance.now() - began);
  await pool.close();
}

await main(process.argv.slice(2));

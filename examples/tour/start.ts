import { rmSync } from 'node:fs';
import process from 'node:process';
import { exitCode } from 'homeostat';
import { main } from './main.ts';

// What `npm start` runs. However the process ends, short of a kill, no folder stays behind.
const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

const stopping = new AbortController();
let stopped: NodeJS.Signals | undefined;
// A terminal and npm both pass Ctrl-C on, so it comes twice: that is no second wish.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    stopped ??= name;
    stopping.abort();
    setTimeout(() => process.exit(), 5_000).unref();
  });
}
process.stdout.on('error', () => stopping.abort()); // nobody reads any more

const told = await main(
  {
    env: process.env,
    stdout: { isTTY: process.stdout.isTTY, write: (text) => void process.stdout.write(text) },
    signal: stopping.signal,
  },
  { once: process.argv.includes('--once'), keep: (folder) => void folders.push(folder) },
).catch((error: unknown) => {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  return false;
});
// To stop it after the story is how it ends; before, it was interrupted.
process.exitCode = told
  ? exitCode.done
  : stopped === undefined
    ? exitCode.failed
    : stopped === 'SIGINT'
      ? exitCode.interrupted
      : exitCode.terminated;

import { runSeed } from './run-seed.ts';

const PROGRESS_EVERY = 25;

/** `npm run chaos`: a thousand seeds from a random one on, or `-- --seed N` again, or `-- --seeds COUNT --from N`. */
async function main(args: readonly string[]): Promise<void> {
  const option = (name: string): number | undefined => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? undefined : Number(args[at + 1]);
  };
  const one = option('seed');
  const from = one ?? option('from') ?? Math.floor(Math.random() * 2 ** 31);
  const count = one === undefined ? (option('seeds') ?? 1000) : 1;
  const since = performance.now();
  let requests = 0;
  const failed: number[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      const outcome = await runSeed(seed, { verbose: one !== undefined });
      requests += outcome.requests;
    } catch (error) {
      failed.push(seed);
      console.error(`${(error as Error).message}\n  again: npm run chaos -- --seed ${String(seed)}\n`);
    }
    const done = seed - from + 1;
    if (done % PROGRESS_EVERY === 0)
      console.log(`${String(done)} of ${String(count)}, ${String(failed.length)} failed`);
  }
  const seconds = Math.round((performance.now() - since) / 1000);
  console.log(
    `${String(count)} seeds from ${String(from)}: ${String(failed.length)} failed${failed.length > 0 ? ` (${failed.join(', ')})` : ''}, ${String(requests)} requests, ${String(seconds)} s`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}

await main(process.argv.slice(2));

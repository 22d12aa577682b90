import { runSeed } from './run-seed.ts';

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
  let failed = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    try {
      ({ requests } = { requests: requests + (await runSeed(seed, { verbose: one !== undefined })).requests });
    } catch (error) {
      failed += 1;
      console.error(`${(error as Error).message}\n  again: npm run chaos -- --seed ${String(seed)}\n`);
    }
  }
  const seconds = Math.round((performance.now() - since) / 1000);
  console.log(
    `${String(count)} seeds from ${String(from)}: ${String(failed)} failed, ${String(requests)} requests, ${String(seconds)} s`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2));

import { parseRefKey, printRef, stringifyJson } from '@homeostat/kube';
import { confirmPrunes, heldPrunes } from '@homeostat/reconcile';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { explainKeep } from '../print-report.ts';
import { setOf } from '../set-options.ts';
import type { SetOptions } from '../set-options.ts';
import { whoAsks } from '../who.ts';
import { connected } from './sync.ts';

/**
 * Shows the prunes that are held; with `--yes` it confirms exactly them. `--digest` names what was looked at, so that nothing else is
 * confirmed when that has changed meanwhile.
 */
export async function confirmCommand(
  options: SetOptions & { readonly yes?: boolean; readonly digest?: string },
  io: Io,
): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const set = setOf(options, connection);
  const { signal } = io;
  const held = await heldPrunes(set, connection, { signal });
  const digest = options.digest ?? held?.digest;
  const confirms = options.yes === true && digest !== undefined;
  if (confirms) await confirmPrunes(set, connection, { digest, by: whoAsks(), signal });

  if (options.output === 'json') {
    const shown = {
      kind: 'Confirmation',
      version: 1,
      sync: set,
      ...(held !== undefined && { held }),
      confirmed: confirms,
    };
    io.stdout.write(`${stringifyJson(shown, 2)}\n`);
  } else if (held === undefined) {
    io.stdout.write(`${set.namespace}/${set.name}: nothing is held\n`);
  } else {
    for (const object of held.objects) io.stdout.write(`held ${printRef(refOf(object))}\n`);
    const more = held.count - held.objects.length;
    if (more > 0) io.stdout.write(`held ${more} objects, too many to be listed: homeostat plan shows them\n`);
    io.stdout.write(
      confirms
        ? `confirmed: these ${held.count} objects, and no others, go with the next pass\n`
        : `${explainKeep(held.reason)}\nnothing was done; pass --digest ${held.digest} --yes to let exactly these ${held.count} objects go\n`,
    );
  }
  return held === undefined || confirms ? exitCode.done : exitCode.held;
}

/** Of `Held.objects`: a ref key, a space, a uid. */
function refOf(object: string): ReturnType<typeof parseRefKey> {
  return parseRefKey(object.slice(0, object.lastIndexOf(' ')));
}

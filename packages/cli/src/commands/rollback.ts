import { rollBack } from '@homeostat/reconcile';
import { exitCode, UsageError } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printRequest } from '../print-request.ts';
import { setOf } from '../set-options.ts';
import type { SetOptions } from '../set-options.ts';
import { whoAsks } from '../who.ts';
import { connected } from './sync.ts';

/** Asks every engine to stay at a commit. It holds until `resume`, also for engines that start later. */
export async function rollbackCommand(
  named: string | undefined,
  {
    to,
    reason,
    name = named,
    ...options
  }: Omit<SetOptions, 'name'> & { readonly name?: string; readonly to: string; readonly reason?: string },
  io: Io,
): Promise<ExitCode> {
  if (name === undefined) throw new UsageError('name the set that is to go back');
  await using connection = await connected(options, io);
  const set = setOf({ ...options, name }, connection);
  const why = reason === undefined ? {} : { reason };
  const request = await rollBack(set, connection, { to, by: whoAsks(), ...why, signal: io.signal });
  io.stdout.write(
    printRequest(
      set,
      request,
      `${request.argument} is applied, and nothing newer until homeostat resume`,
      options.output,
    ),
  );
  return exitCode.done;
}

import { suspendSet } from '@homeostat/reconcile';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printRequest } from '../print-request.ts';
import { setOf } from '../set-options.ts';
import type { SetOptions } from '../set-options.ts';
import { whoAsks } from '../who.ts';
import { connected } from './sync.ts';

/** Asks every engine to leave the set alone. It holds until `resume`, also for engines that start later. */
export async function suspendCommand(options: SetOptions, io: Io): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const set = setOf(options, connection);
  const request = await suspendSet(set, connection, { by: whoAsks(), signal: io.signal });
  io.stdout.write(printRequest(set, request, 'nothing is written for it until homeostat resume', options.output));
  return exitCode.done;
}

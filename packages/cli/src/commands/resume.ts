import { resumeSet } from '@homeostat/reconcile';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printRequest } from '../print-request.ts';
import { setOf } from '../set-options.ts';
import type { SetOptions } from '../set-options.ts';
import { whoAsks } from '../who.ts';
import { connected } from './sync.ts';

/** Ends `suspend` and `rollback`: an engine that stays makes up for what it missed at once. */
export async function resumeCommand(options: SetOptions, io: Io): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const set = setOf(options, connection);
  const request = await resumeSet(set, connection, { by: whoAsks(), signal: io.signal });
  io.stdout.write(printRequest(set, request, 'an engine that stays goes on at once', options.output));
  return exitCode.done;
}

import type { Report } from '@homeostat/reconcile';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';

/** How a command ends that made this report. */
export function exitOf({ state }: Pick<Report, 'state'>): ExitCode {
  switch (state) {
    case 'Ready':
    case 'Progressing':
    case 'Suspended':
      return exitCode.done;
    case 'Held':
      return exitCode.held;
    case 'Failed':
      return exitCode.failed;
    default:
      return state satisfies never;
  }
}

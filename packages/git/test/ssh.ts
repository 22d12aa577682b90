import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { GitSourceOptions } from '@homeostat/git';

/**
 * Stands for ssh and the machine behind it: it takes ssh's arguments, notes them, and runs the command that they end
 * with here. There is no sshd on a bare machine; everything on our side of it is real.
 */
export async function sshThroughShell(directory: string): Promise<Pick<GitSourceOptions, 'ssh' | 'env'>> {
  const script = join(directory, 'ssh');
  await writeFile(
    script,
    `#!/bin/sh\nprintf '%s\\n' "$@" >> '${directory}/ssh.log'\nfor command; do :; done\nexec sh -c "$command"\n`,
  );
  await chmod(script, 0o755);
  return { ssh: { command: script }, env: { PATH: process.env['PATH'], HOME: directory } };
}

import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import process from 'node:process';

/** Who runs this command, as `alice@laptop`: what a request says about whom it comes from. */
export function whoAsks(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

/** Host and process, for people, and something random, because both are used again. */
export function engineIdentity(): string {
  return `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
}

/** Host and process alone. */
export function printEngine(holder: string): string {
  const [host, pid] = holder.split('/');
  return host === undefined || pid === undefined ? holder : `process ${pid} on ${host}`;
}

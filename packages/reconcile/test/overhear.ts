import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';

/** Whatever is told on the channels from now on until the test ends. */
export function overhear(): { readonly channel: string; readonly message: object }[] {
  const heard: { readonly channel: string; readonly message: object }[] = [];
  const plain = ['request', 'apply', 'prune', 'drift', 'fight', 'lease'].map((noun) => `homeostat:${noun}`);
  const traced = ['pass', 'stage', 'repair'].flatMap((noun) =>
    ['start', 'asyncEnd', 'error'].map((event) => `tracing:homeostat:${noun}:${event}`),
  );
  for (const channel of [...plain, ...traced]) {
    const hear = (message: unknown): void => void heard.push({ channel, message: { ...(message as object) } });
    subscribe(channel, hear);
    onTestFinished(() => void unsubscribe(channel, hear));
  }
  return heard;
}

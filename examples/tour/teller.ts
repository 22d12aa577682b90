import { painter, printDuration, usesColor } from 'homeostat';
import type { Io, Paint } from 'homeostat';

/** Tells the story: a heading for each step, and short lines under it. */
export interface Teller {
  readonly paint: Paint;
  readonly heading: (text: string) => void;
  /** Lines of text, each under the heading's. */
  readonly say: (text?: string) => void;
  /** A line with the time since the step began. */
  readonly at: (ms: number, text: string) => void;
}

export function createTeller({ env, stdout }: Pick<Io, 'env' | 'stdout'>): Teller {
  const paint = painter(usesColor({ env }, stdout));
  let steps = 0;
  const say = (text = ''): void => {
    for (const line of text.replace(/\n$/, '').split('\n')) stdout.write(line === '' ? '\n' : `   ${line}\n`);
  };
  return {
    paint,
    say,
    heading(text) {
      steps += 1;
      stdout.write(`\n${paint('bold', `${steps}  ${text}`)}\n\n`);
    },
    at(ms, text) {
      say(`${paint('dim', printDuration(ms).padStart(6))}  ${text}`);
    },
  };
}

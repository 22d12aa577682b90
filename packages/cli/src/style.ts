import { styleText } from 'node:util';
import type { Io, Output } from './io.ts';

type Format = Parameters<typeof styleText>[0];

/** Colours only for a terminal, and never with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function usesColor({ env }: Pick<Io, 'env'>, output: Output): boolean {
  return output.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export type Paint = (format: Format, text: string) => string;

export function painter(color: boolean): Paint {
  return color ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

/** `850 ms`, `4.2 s`, `3 min 20 s`. */
export function printDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

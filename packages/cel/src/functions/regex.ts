import { RE2JS } from 're2js';
import type { Meter } from '../meter.ts';

/** Patterns that one program keeps compiled: one that is put together of bindings must not fill the memory. */
const KEPT = 50;

/** Regular expressions in time linear to the text: a pattern cannot backtrack. */
export interface Regex {
  /** @throws {Error} where it is no pattern. */
  readonly compile: (pattern: string) => RE2JS;
  readonly matches: (text: string, pattern: string) => boolean;
  readonly find: (text: string, pattern: string) => string;
  readonly findAll: (text: string, pattern: string, limit?: bigint) => string[];
}

export function createRegex(meter: Meter): Regex {
  const kept = new Map<string, RE2JS>();
  const compile = (pattern: string): RE2JS => {
    const known = kept.get(pattern);
    if (known !== undefined) return known;
    const compiled = RE2JS.compile(pattern);
    if (kept.size >= KEPT) kept.clear();
    kept.set(pattern, compiled);
    return compiled;
  };
  const use = (text: string, pattern: string): RE2JS => {
    const compiled = compile(pattern);
    meter.charge((1 + text.length / 10) * (1 + compiled.programSize() / 4));
    return compiled;
  };
  return {
    compile,
    matches: (text, pattern) => use(text, pattern).matcher(text).find(),
    find(text, pattern) {
      const matcher = use(text, pattern).matcher(text);
      return matcher.find() ? (matcher.group() ?? '') : '';
    },
    findAll(text, pattern, limit = -1n) {
      const matcher = use(text, pattern).matcher(text);
      const most = limit < 0n ? Infinity : Number(limit);
      const found: string[] = [];
      while (found.length < most && matcher.find()) found.push(matcher.group() ?? '');
      return found;
    },
  };
}

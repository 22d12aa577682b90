import { RE2JS } from 're2js';

/** A regular expression as Kubernetes reads it (Go's RE2 syntax), matched in time linear in the text. */
export interface Pattern {
  /** Whether it matches anywhere in `text`. */
  matches(text: string): boolean;
}

/** The pattern, or why it is none, in Go's words. Never throws. */
export function compilePattern(source: string): Pattern | { readonly error: string } {
  try {
    const compiled = RE2JS.compile(source);
    return { matches: (text) => compiled.test(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

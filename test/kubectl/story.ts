/**
 * Commands that are given, one after the other, in a namespace of the story's own. `{id}` stands for a random word, for
 * names outside the namespace, and `{ns}` for the namespace: both are the same on either server.
 */
export interface Story {
  readonly name: string;
  /** Written into the folder where the commands run. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Removed at the end, with the namespace: as `kind/name`, for what is in no namespace. */
  readonly leftovers?: readonly string[];
  /** What begins the names to which a server appends five characters. */
  readonly generated?: readonly string[];
}

/** A command line after `kubectl`, with `'…'` around an argument that has spaces in it. */
export type Step = string | Command | Watched;

export interface Command {
  readonly run: string;
  readonly stdin?: string;
  /** What it prints goes into this one. */
  readonly into?: string;
  /** A shell command that changes the file whose path it is given. */
  readonly editor?: string;
  /** The command is given again until what it prints matches; a server may take a moment. Only the last time counts. */
  readonly until?: RegExp;
  /** Only that it ends well counts, not what it prints: until then it is given again. */
  readonly quiet?: boolean;
}

/** A command that stays while others are given, until it has printed so many lines. */
export interface Watched {
  readonly watch: string;
  /** Lines before the first of the others is given. */
  readonly first: number;
  readonly meanwhile: readonly string[];
  /** Lines at the end. */
  readonly lines: number;
}

export type KubectlVersion = '1.32' | '1.37';

export function commandOf(step: Step): string {
  if (typeof step === 'string') return step;
  if ('watch' in step) return step.watch;
  return step.into === undefined ? step.run : `${step.run} | kubectl ${step.into}`;
}

/** The arguments of a command line. */
export function argumentsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|((?:[^\s']|'[^']*')+)/g)].map(
    ([, quoted, plain = '']) => quoted ?? plain.replaceAll("'", ''),
  );
}

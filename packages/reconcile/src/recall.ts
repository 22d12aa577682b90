/**
 * The last answer of a pure function, for as long as it is asked the same. Inputs are compared by identity: data that is never
 * changed, and whose maker hands out the same instance for the same state, needs no other comparison.
 */
export interface Recall<T> {
  /** The answer that was kept for these inputs, if they are the ones of the last answer. */
  find(inputs: readonly unknown[]): T | undefined;
  /** Takes the place of what was kept before. */
  keep(inputs: readonly unknown[], answer: T): void;
}

export function createRecall<T>(): Recall<T> {
  let kept: { readonly inputs: readonly unknown[]; readonly answer: T } | undefined;
  return {
    find: (inputs) =>
      kept?.inputs.length === inputs.length && kept.inputs.every((input, i) => input === inputs[i])
        ? kept.answer
        : undefined,
    keep(inputs, answer) {
      kept = { inputs, answer };
    },
  };
}

/** Why an expression gives no value. */
export type CelErrorCode =
  | 'INVALID' // it does not parse, names what does not exist, or its types do not fit: found when it is compiled
  | 'EVALUATION_FAILED' // it is sound, but makes no sense of these bindings: no such key, division by zero …
  | 'COST_EXCEEDED'; // it took more steps than it was allowed

/** Plain data: an expression that has no value is an outcome, not a defect. */
export interface CelError {
  readonly kind: 'CelError';
  readonly code: CelErrorCode;
  /** What is wrong and where, in one line. Holds no value of a binding but the names of keys. */
  readonly message: string;
  readonly expression: string;
  /** Where in the expression, counted from 0, as far as it is known. */
  readonly offset?: number;
}

/** An error at a place of the expression: a line of its own is named only where there is more than one. */
export function celError(code: CelErrorCode, text: string, expression: string, offset?: number): CelError {
  return {
    kind: 'CelError',
    code,
    message: offset === undefined ? text : `${text}, at ${placeOf(expression, offset)}`,
    expression,
    ...(offset !== undefined && { offset }),
  };
}

function placeOf(expression: string, offset: number): string {
  const before = expression.slice(0, offset).split('\n');
  const column = `column ${(before.at(-1)?.length ?? 0) + 1}`;
  return expression.includes('\n') ? `line ${before.length}, ${column}` : column;
}

import { expect, test } from 'vitest';
import { compile } from '@homeostat/cel';
import { differences, expressions, object } from './expressions.ts';
import type { Verdict } from './expressions.ts';

function verdictOf(expression: string): Verdict {
  const program = compile(expression, { variables: ['object'], result: 'bool' });
  if (program.kind === 'CelError') return 'refused';
  const answer = program.evaluate({ object: { ...object, metadata: { name: 'one', labels: { batch: 'b1' } } } });
  if (answer.kind === 'CelError') return 'error';
  return answer.value === true ? 'true' : 'false';
}

test('expressions have the verdicts that Kubernetes gives, but for the differences that are listed', () => {
  const given = expressions.map(([, expression]) => `${verdictOf(expression).padEnd(7)} ${expression}`);
  const wanted = expressions.map(
    ([verdict, expression]) => `${(differences[expression]?.[0] ?? verdict).padEnd(7)} ${expression}`,
  );
  expect(given).toEqual(wanted);
});

test('every difference that is listed is one', () => {
  const kubernetes = new Map(expressions.map(([verdict, expression]) => [expression, verdict]));
  const none = Object.entries(differences).filter(
    ([expression, [verdict]]) => !kubernetes.has(expression) || kubernetes.get(expression) === verdict,
  );
  expect(none).toEqual([]);
});

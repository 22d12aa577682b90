import { describe, expect, test } from 'vitest';
import { compile } from '@homeostat/cel';
import type { CelError, CelValue, Program } from '@homeostat/cel';

const variables = ['status', 'spec'];

function compiled(expression: string): Program {
  const program = compile(expression, { variables });
  if (program.kind === 'CelError') throw new Error(program.message);
  return program;
}

function refused(expression: string): CelError {
  const error = compile(expression, { variables, result: 'bool' });
  if (error.kind === 'Program') throw new Error(`${expression} was not refused`);
  return error;
}

function evaluated(expression: string, status: unknown, costLimit?: number): CelValue | CelError {
  return compiled(expression).evaluate({ status }, costLimit === undefined ? {} : { costLimit });
}

describe('what is wrong is located', () => {
  test.each([
    ['status.ready ==', 'INVALID', 15],
    ['status.ready == true && nobody', 'INVALID', 24],
    ['status.ready == true && unknown(1)', 'INVALID', 24],
    ["status.name.matches('(')", 'INVALID', 20],
    ['1 + status.name + "a" == 1', 'INVALID', undefined],
  ])('%s', (expression, code, offset) => {
    expect(refused(expression)).toMatchObject({
      kind: 'CelError',
      code,
      expression,
      ...(offset !== undefined && { offset }),
    });
  });

  test('by line and column where there is more than one line', () => {
    expect(refused('status.ready == true &&\n  nobody').message).toBe('Unknown variable: nobody, at line 2, column 3');
  });

  test('an error of the evaluation says what and where', () => {
    expect(evaluated('status.conditions.size() > 0', {})).toEqual({
      kind: 'CelError',
      code: 'EVALUATION_FAILED',
      message: 'No such key: conditions, at column 8',
      expression: 'status.conditions.size() > 0',
      offset: 7,
    });
  });

  test('a value that need not be true or false is refused where a rule is wanted', () => {
    expect(refused('status.ready').message).toBe('must evaluate to bool but got dyn');
    expect(refused("'yes'").message).toBe('must evaluate to bool but got string');
  });

  test('what the library knows beyond Kubernetes is not there', () => {
    expect(refused('cel.bind(a, 1, a == 1)').code).toBe('INVALID');
    expect(refused("b'{}'.json() == {}").code).toBe('INVALID');
  });

  test('an expression nested too deeply, or too long, is refused and does not crash', () => {
    expect(refused(`${'('.repeat(5_000)}true${')'.repeat(5_000)}`).code).toBe('INVALID');
    expect(refused(`${'!'.repeat(15_000)}true`).code).toBe('INVALID');
    expect(refused(`true ${' '.repeat(20_000)}`).message).toContain('longer than');
  });
});

describe('an evaluation', () => {
  test('is pure: a program can be asked again and again', () => {
    const program = compiled("status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')");
    const of = (status: string): unknown => program.evaluate({ status: { conditions: [{ type: 'Ready', status }] } });
    expect(of('True')).toMatchObject({ value: true });
    expect(of('False')).toMatchObject({ value: false });
    expect(of('True')).toEqual(of('True'));
  });

  test('is given what the expression names, and nothing else', () => {
    expect(compiled('status.a == 1').variables).toEqual(['status']);
    const program = compiled('status.a == 1');
    const bindings = {
      status: { a: 1 },
      get spec(): never {
        throw new Error('was read');
      },
    };
    expect(program.evaluate(bindings)).toMatchObject({ value: true });
  });

  test.each(['constructor', '__proto__', 'toString'])('knows no %s but that of the object', (key) => {
    expect(evaluated(`has(status.${key})`, {})).toMatchObject({ value: false });
    expect(evaluated(`status['${key}'] == 1`, {})).toMatchObject({ code: 'EVALUATION_FAILED' });
    const status: unknown = JSON.parse(`{"${key}": 1}`);
    expect(evaluated(`has(status.${key}) && status.${key} == 1`, status)).toMatchObject({ value: true });
  });
});

describe('the limit of steps', () => {
  const list = Array.from({ length: 1_000 }, (_, index) => index);

  test('ends nested loops, whatever swallows errors on the way', () => {
    for (const expression of [
      'status.all(a, status.all(b, status.all(c, a + b + c >= 0)))',
      'status.exists(a, status.exists(b, status.exists(c, a + b + c < 0)))',
      'status.all(a, status.exists(b, status.all(c, a + b + c < 0) || false) || true)',
      'status.map(a, status.filter(b, status.exists_one(c, a == b))).size() > 0',
      'status.all(i, a, status.all(j, b, status.all(k, c, a + b + c >= 0)))',
      'status.transformList(i, a, status.transformList(j, b, a + b)).size() > 0',
    ]) {
      expect(evaluated(expression, list, 100_000)).toMatchObject({
        code: 'COST_EXCEEDED',
        message: 'took more than the 100000 steps that it may take',
      });
    }
  });

  test('counts what is looked at: long texts, large lists, whole objects', () => {
    const text = 'a'.repeat(100_000);
    expect(evaluated("status.contains('b')", text)).toMatchObject({ cost: expect.closeTo(10_000, -3) });
    expect(evaluated("status.contains('b')", text, 5_000)).toMatchObject({ code: 'COST_EXCEEDED' });
    expect(evaluated('status == status', list, 1_000)).toMatchObject({ code: 'COST_EXCEEDED' });
    expect(evaluated("status.replace('a', status).size() > 0", text)).toMatchObject({ code: 'COST_EXCEEDED' });
    expect(evaluated('status.map(x, "a").join(string(1.0e300)).size() > 0', list, 500)).toMatchObject({
      code: 'COST_EXCEEDED',
    });
  });

  test('leaves room for what rules do', () => {
    const conditions = Array.from({ length: 50 }, (_, index) => ({ type: `T${index}`, status: 'True' }));
    const answer = evaluated("status.all(c, status.exists(d, d.type == c.type && d.status == 'True'))", conditions);
    expect(answer).toMatchObject({ value: true });
  });
});

describe('a regular expression', () => {
  test('does not backtrack', () => {
    const text = `${'a'.repeat(50_000)}!`;
    expect(evaluated("status.matches('^(a+)+$')", text)).toMatchObject({ value: false });
    expect(evaluated("status.matches('^(a|a)*b')", text)).toMatchObject({ value: false });
  });

  test('that is put together of bindings is compiled when it is needed, and its error is one of the evaluation', () => {
    expect(evaluated("'abc'.matches(status)", 'b.')).toMatchObject({ value: true });
    expect(evaluated("'abc'.matches(status)", '(')).toMatchObject({ code: 'EVALUATION_FAILED' });
  });
});

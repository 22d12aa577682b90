/**
 * Invariant 13. What is rejected is reported with its file, document and line; the ninety-nine others go on (unless the policy says
 * all-or-nothing).
 */
import { expect } from 'vitest';
import type { Report } from '@homeostat/reconcile';
import { configMap, scenarioTest as story, told } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import type { Draw } from './draw.ts';
import { isWrite, tap } from './tap.ts';

interface Place {
  readonly path: string;
  readonly document?: number;
  readonly line: number;
}

/** What may be wrong with a document, and in which line of it that stands: its first, if the server rejects it as a whole. */
const WRONG: Readonly<
  Record<string, { readonly lines: (name: string) => readonly string[]; readonly by: 'server' | 'render' }>
> = {
  'a value that the server refuses': {
    by: 'server',
    lines: (name) => ['apiVersion: v1', 'kind: ConfigMap', `metadata: {name: ${name}}`, 'data: {a: {b: c}}'],
  },
  'a field that nobody knows': {
    by: 'server',
    lines: (name) => ['apiVersion: v1', 'kind: ConfigMap', `metadata: {name: ${name}}`, 'dada: {a: "1"}'],
  },
  'a namespace that is not there': {
    by: 'server',
    lines: (name) => ['apiVersion: v1', 'kind: ConfigMap', `metadata: {name: ${name}, namespace: no-such-namespace}`],
  },
  'a name that is none': {
    by: 'server',
    lines: () => ['apiVersion: v1', 'kind: ConfigMap', 'metadata: {name: Not_A_Name}'],
  },
  'no kind': { by: 'render', lines: (name) => ['apiVersion: v1', `metadata: {name: ${name}}`] },
  'no name': { by: 'render', lines: () => ['apiVersion: v1', 'kind: ConfigMap', 'data: {a: "1"}'] },
};

const good = (name: string): readonly string[] => [
  'apiVersion: v1',
  'kind: ConfigMap',
  `metadata: {name: ${name}}`,
  'data: {a: "1"}',
];

interface Repository {
  readonly files: Readonly<Record<string, string>>;
  readonly good: readonly string[];
  readonly bad: readonly (Place & { readonly by: 'server' | 'render' })[];
}

/** Files of several documents, with comments and empty lines, a few of them wrong. */
function repository({ between, chance, pick }: Draw, prefix: string): Repository {
  const fine: string[] = [];
  const bad: (Place & { readonly by: 'server' | 'render' })[] = [];
  let names = 0;
  const files: Record<string, string> = {};
  // A name that is none is the same object wherever it stands, and so comes once.
  const titles = new Set(Object.keys(WRONG));
  for (let file = 0; file < between(2, 5); file += 1) {
    const path = `${pick(['apps', 'infra/deep'])}/${prefix}-${file}.yaml`;
    const lines: string[] = [];
    const documents = between(1, 5);
    for (let document = 1; document <= documents; document += 1) {
      if (document > 1) lines.push('---');
      for (let i = 0; i < between(0, 3); i += 1) lines.push(pick(['# a note', '']));
      const name = `${prefix}-${(names += 1)}`;
      const title = chance(0.4) ? pick([...titles, undefined]) : undefined;
      if (title === undefined) {
        lines.push(...good(name));
        fine.push(name);
        continue;
      }
      titles.delete(title);
      const wrong = WRONG[title]!;
      bad.push({ path, document, line: lines.length + 1, by: wrong.by });
      lines.push(...wrong.lines(name));
    }
    files[path] = `${lines.join('\n')}\n`;
  }
  return { files, good: fine, bad };
}

/** Where everything stands that the report calls wrong. */
function places(report: Report): readonly Place[] {
  const objects = report.objects.filter(({ action }) => action === 'failed').map(({ origin }) => origin);
  const findings = report.findings.filter(({ severity }) => severity === 'error').flatMap(({ origin }) => origin ?? []);
  return [...objects, ...findings].map(({ path, document, line }) => ({
    path,
    document: document ?? 1,
    line: line ?? 0,
  }));
}

const sorted = (list: readonly Place[]): readonly string[] =>
  list.map(({ path, document, line }) => `${path} ${document}:${line}`).toSorted();

story(
  `13. each rejected document is reported where it stands, and all others are written (SEED=${SEED})`,
  async ({ scenario }) => {
    const dice = draw();
    let wrong = 0;
    for (let round = 0; round < 6; round += 1) {
      const world = await scenario({ name: `site-${round}`, policy: { wait: false } });
      const { files, good: fine, bad } = repository(dice, `r${round}`);
      wrong += bad.length;
      await world.commit(files);
      const report = await world.reconcile();
      const about = `SEED=${SEED}, round ${round}: ${JSON.stringify({ files, report: [report.findings, report.objects] }, undefined, 1)}`;
      expect(sorted(places(report)), about).toEqual(sorted(bad));
      expect(report.counts.created, about).toBe(fine.length);
      expect(report.state, about).toBe(bad.length > 0 ? 'Failed' : 'Ready');
      for (const name of fine) await world.expectLive(configMap(name));
      for (const { message } of report.objects.filter(({ action }) => action === 'failed'))
        expect(message?.length).toBeGreaterThan(20);
    }
    expect(wrong, 'something was wrong').toBeGreaterThan(0);
  },
);

story(
  `13. a file that cannot be parsed is named with the line, and costs no other file (SEED=${SEED})`,
  async ({ scenario }) => {
    const { between } = draw();
    const world = await scenario({ policy: { wait: false } });
    const others = Array.from({ length: 99 }, (_, i) => configMap(`c-${i}`));
    const at = between(3, 20);
    const text = [...Array.from({ length: at - 1 }, (_, i) => `# line ${i + 1}`), 'a: [1, 2', 'b: 3', ''].join('\n');
    await world.commit({
      'broken/one.yaml': text,
      ...Object.fromEntries(others.map((object, i) => [`apps/${i}.yaml`, object])),
    });
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Failed', counts: { created: 99, failed: 0 } });
    expect(report.findings).toHaveLength(1);
    const { origin, message } = report.findings[0]!;
    expect(origin?.path).toBe('broken/one.yaml');
    expect(origin?.line).toBeGreaterThanOrEqual(at);
    expect(origin?.line).toBeLessThanOrEqual(at + 2);
    expect(message.length).toBeGreaterThan(10);
  },
);

story(
  `13. with onError: stop one that is rejected means that nothing is written, wherever it stands (SEED=${SEED})`,
  async ({ scenario }) => {
    const { shuffle, between, pick } = draw();
    const server = Object.values(WRONG).filter(({ by }) => by === 'server');
    for (let round = 0; round < 4; round += 1) {
      const world = await scenario({ name: `site-${round}`, policy: { wait: false, onError: 'stop' } });
      const before = configMap(`r${round}-before`);
      await world.commit({ 'before.yaml': before });
      await world.reconcile();
      const names = Array.from({ length: between(1, 12) }, (_, i) => `r${round}-${i}`);
      const documents = shuffle([...names.map((name) => good(name)), pick(server).lines(`r${round}-bad`)]);
      await world.commit({
        'all.yaml': documents.map((lines) => lines.join('\n')).join('\n---\n'),
        'before.yaml': configMap(`r${round}-before`, { a: '2' }),
      });
      const process = await world.process();
      const calls = tap(process);
      const report = await process.reconcile();
      expect(report).toMatchObject({
        state: 'Failed',
        counts: { created: 0, updated: 0, failed: 1, skipped: names.length + 1 },
      });
      // The report is kept at the parent, which is no object of the set.
      expect(
        calls.filter((call) => isWrite(call) && call.name !== world.sync.name),
        JSON.stringify(told(report)),
      ).toEqual([]);
      await world.expectLive(before);
      for (const name of names) await world.expectGone(configMap(name));
    }
  },
);

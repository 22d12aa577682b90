/** What platform engineers see of a loop: as prom-client and OpenTelemetry export it, and on the channels. */
import { readFileSync } from 'node:fs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { countRequests, createLoop, createPorts, metricCatalog, resumeSet, rollBack } from '@homeostat/reconcile';
import type { MetricDefinition, Metrics } from '@homeostat/reconcile';
import { createOpenTelemetryMetrics, traceToSpans } from '@homeostat/reconcile/opentelemetry';
import { createPromMetrics } from '@homeostat/reconcile/prom-client';
import { configMap, eventually } from '../../../test/support/scenario.ts';
import { weightOf } from '../src/events.ts';
import { folders, syncOf, testedEngine } from './engine-world.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';
import { overhear } from './overhear.ts';

const a = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
const many = Array.from({ length: 12 }, (_, n) => configMap(`many-${n}`));
const SYNC = { sync_namespace: 'default', sync: 'site' };

/**
 * Whatever may happen to a loop, once: a revision that is not there, objects that are written, refused, drifted, fought over, pruned and
 * held.
 */
async function eventful(metrics: Metrics): Promise<Stage> {
  const here = await stage({
    ports: { metrics },
    loop: { lease: { holder: 'host/1/x' } },
    onRequest: countRequests(metrics),
  });
  onTestFinished(() => here[Symbol.asyncDispose]());
  const reported = (is: (report: NonNullable<Stage['loop']['report']>) => boolean): Promise<void> =>
    eventually(() => expect(here.told('report').some(({ report }) => is(report))).toBe(true));
  here.commit(configMap('a'), ...many);
  here.start();
  await reported(({ state }) => state === 'Ready');
  await rollBack(here.sync, here.ports, { to: 'f'.repeat(40), by: 'alice' });
  await reported(({ failure }) => failure?.stage === 'fetch');
  await resumeSet(here.sync, here.ports, { by: 'alice' });
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));

  for (let round = 0; here.told('fight').length === 0 && round < 20; round += 1) {
    await here.client.patch(a, { type: 'merge', value: { data: { a: `edit ${round}` } } }, { manager: 'operator' });
    await eventually(async () => expect((await here.client.get(a))?.['data']).toEqual({ a: '1' }));
    const version = (await here.client.get(a))?.metadata.resourceVersion;
    await eventually(() => expect(here.ports.live.get(a)?.resourceVersion).toBe(version));
    await here.clock.advance(1);
  }

  here.commit(configMap('a'), ...many.slice(1), configMap('Not a name'));
  await reported(({ counts }) => counts.failed === 1);
  here.commit(configMap('a'), ...many.slice(1));
  await reported(({ counts }) => counts.pruned === 1);
  here.commit(configMap('a'));
  await reported(({ state }) => state === 'Held');
  return here;
}

/** A kind cannot be watched any more. */
async function degrade(here: Stage): Promise<void> {
  here.server.faults.add({ fault: 'reset', verb: ['list', 'watch'], resource: 'configmaps' });
  await eventually(() => expect(here.ports.live.usage().degraded).toHaveLength(1));
}

/** Both of them. */
function twice(one: Metrics, other: Metrics): Metrics {
  return {
    add: (...args) => [one, other].forEach((metrics) => metrics.add(...args)),
    record: (...args) => [one, other].forEach((metrics) => metrics.record(...args)),
    sample(...args) {
      const ends = [one, other].map((metrics) => metrics.sample(...args));
      return () => ends.forEach((end) => end());
    },
  };
}

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly value: number;
}

async function scrape(registry: Registry): Promise<readonly Series[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.flatMap(({ name, values }) => values.map(({ labels, value }) => ({ name, labels, value })));
}

function meter(): { readonly metrics: Metrics; collect(): Promise<readonly Series[]> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const provider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => provider.shutdown());
  return {
    metrics: createOpenTelemetryMetrics(provider.getMeter('homeostat')),
    async collect() {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ descriptor: { name }, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({
            name,
            labels: attributes,
            value: typeof value === 'number' ? value : value.count,
          })),
        ),
      );
    },
  };
}

function valueOf(series: readonly Series[], name: string, labels: Readonly<Record<string, unknown>> = {}): number {
  const matches = series.filter(
    (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  );
  return matches.reduce((sum, { value }) => sum + value, 0);
}

/** The rows of the table in the README: name, kind, labels. */
function documented(): readonly string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(homeostat_\w+)` \| (\w+) \|([^|]*)\|/gm)];
  return rows.map(([, name, kind, labels = '']) => `${name} ${kind} ${labels.trim()}`);
}

test('every metric appears in the life of a loop, by either library, and is documented', async () => {
  const registry = new Registry();
  const meters = meter();
  const here = await eventful(twice(createPromMetrics(registry), meters.metrics));
  const lived = [await scrape(registry), await meters.collect()];
  await degrade(here);
  const names = Object.keys(metricCatalog).toSorted();
  for (const series of [await scrape(registry), await meters.collect()]) {
    expect([...new Set(series.map(({ name }) => name))].toSorted()).toEqual(names);
    expect(valueOf(series, 'homeostat_cache_degraded', { resource: 'configmaps' })).toBe(1);
  }

  const kinds = { counter: 'counter', total: 'counter', gauge: 'gauge', histogram: 'histogram' } as const;
  const rows = Object.entries<MetricDefinition>(metricCatalog).map(([name, { kind, labels }]) => {
    const written = labels.filter((label) => !label.startsWith('sync')).map((label) => `\`${label}\``);
    const ofSync = labels.includes('sync') ? ['sync'] : [];
    return `${name} ${kinds[kind]} ${[...ofSync, ...written].join(', ')}`.trim();
  });
  expect(
    documented()
      .map((row) => row.trim())
      .toSorted(),
  ).toEqual(rows.toSorted());

  for (const series of lived) {
    const told = (name: string, labels?: Readonly<Record<string, unknown>>): number => valueOf(series, name, labels);
    expect(told('homeostat_passes_total', { ...SYNC, result: 'Held' })).toBe(1);
    expect(told('homeostat_pass_failures_total', { ...SYNC, stage: 'fetch' })).toBe(1);
    expect(told('homeostat_applies_total', { ...SYNC, action: 'created' })).toBe(13);
    expect(told('homeostat_object_failures_total', { ...SYNC, code: 'invalid' })).toBe(1);
    expect(told('homeostat_prunes_total', { ...SYNC, result: 'pruned' })).toBe(1);
    expect(told('homeostat_prunes_held', SYNC)).toBe(11);
    // A fight is five repairs of one object, or a little more where time passes.
    expect(told('homeostat_drifts_total', SYNC)).toBeGreaterThanOrEqual(5);
    expect(told('homeostat_repairs_total', { ...SYNC, result: 'repaired' })).toBeGreaterThanOrEqual(5);
    expect(told('homeostat_objects_fought_over', SYNC)).toBe(1);
    expect(told('homeostat_sync_state', { ...SYNC, state: 'Held' })).toBe(1);
    expect(told('homeostat_sync_state')).toBe(1);
    expect(told('homeostat_objects', { ...SYNC, state: 'Current' })).toBe(1);
    expect(told('homeostat_lease_held', SYNC)).toBe(1);
    expect(told('homeostat_cache_members')).toBe(12);
    expect(told('homeostat_requests_total', { verb: 'delete', code: '200' })).toBe(1);
  }
});

test('the channels tell the same life, each pass with its stages, as plain data', async () => {
  const heard = overhear();
  const here = await eventful(createPromMetrics(new Registry()));
  await here.stop();
  const on = (channel: string): readonly object[] =>
    heard.flatMap((one) => (one.channel === channel ? [one.message] : []));
  const sync = { namespace: 'default', name: 'site' };
  expect(on('homeostat:lease').map((message) => (message as { readonly lease: string }).lease)).toEqual([
    'held',
    'released',
  ]);
  expect(on('homeostat:apply')).toContainEqual({ sync, ref: a, action: 'created' });
  const pruned = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'many-0' };
  expect(on('homeostat:prune')).toEqual([{ sync, ref: pruned, action: 'pruned' }]);
  expect(on('homeostat:drift')[0]).toEqual({
    sync,
    ref: a,
    gone: false,
    fields: ['.data.a'],
    managers: ['operator'],
  });
  expect(on('homeostat:fight')).toEqual([
    { sync, ref: a, fields: ['.data.a'], managers: ['operator'], pauseMs: 1_000 },
  ]);
  expect(on('homeostat:request')).toContainEqual({
    verb: 'delete',
    resource: '/configmaps',
    status: 200,
    dryRun: false,
    durationMs: expect.any(Number) as number,
  });
  const passes = on('tracing:homeostat:pass:asyncEnd');
  expect(passes).toHaveLength(on('tracing:homeostat:pass:start').length);
  expect(passes.find((message) => 'failure' in message)).toMatchObject({
    sync,
    result: 'Failed',
    failure: { stage: 'fetch' },
  });
  expect(passes.at(-1)).toMatchObject({ sync, result: 'Held', counts: { kept: 11 } });
  const stages = on('tracing:homeostat:stage:asyncEnd') as readonly { readonly stage: string }[];
  expect(stages.slice(0, 7).map(({ stage: name }) => name)).toEqual([
    'look',
    'fetch',
    'render',
    'look',
    'validate',
    'apply',
    'prune',
  ]);
  expect(on('tracing:homeostat:pass:error')).toEqual([]);
  expect(structuredClone(heard)).toEqual(heard);
  // One report for each pass that came to its end.
  const ended = passes.filter((message) => (message as { readonly result: string }).result !== 'Cancelled');
  expect(here.told('report')).toHaveLength(ended.length);
});

test('spans: a pass with its stages below it, and repairs', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const leave = traceToSpans(provider.getTracer('homeostat'));
  const here = await eventful(createPromMetrics(new Registry()));
  leave();
  await here.stop();
  const spans = exporter.getFinishedSpans();
  const passes = spans.filter(({ name }) => name === 'homeostat.pass');
  const [ready] = passes;
  const failed = passes.find(({ status }) => status.message?.startsWith('fetch') === true);
  expect(failed).toMatchObject({ status: { code: 2, message: expect.stringMatching(/^fetch: [A-Z_]+$/) as string } });
  expect(ready?.attributes).toEqual(
    expect.objectContaining({
      'homeostat.sync.namespace': 'default',
      'homeostat.sync.name': 'site',
      'homeostat.result': 'Ready',
      'homeostat.created': 13,
    }),
  );
  const below = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === ready?.spanContext().spanId);
  expect(below.map(({ name }) => name.replace('homeostat.', ''))).toEqual([
    'look',
    'fetch',
    'render',
    'look',
    'validate',
    'apply',
    'prune',
  ]);
  const repairs = spans.filter(({ name }) => name === 'homeostat.repair');
  expect(repairs[0]?.attributes).toMatchObject({ 'homeostat.result': 'repaired', 'homeostat.drifted': 1 });
});

describe('an engine', () => {
  test('counts what its syncs share once, and forgets the figures of a sync that is removed', async () => {
    const registry = new Registry();
    const metrics = createPromMetrics(registry);
    await using server = await createApiServer();
    await using tested = await testedEngine(() => server.client(), { metrics });
    const { engine } = tested;
    const source = folders({ a: [configMap('of-a')], b: [configMap('of-b'), configMap('of-b-too')] });
    for (const name of ['a', 'b']) engine.add(syncOf('default', name), source);
    tested.start();
    await eventually(() => expect(engine.reports.map(({ state }) => state)).toEqual(['Ready', 'Ready']));
    const before = await scrape(registry);
    expect(valueOf(before, 'homeostat_cache_members')).toBe(3);
    expect(valueOf(before, 'homeostat_limit_size')).toBe(16);
    expect(valueOf(before, 'homeostat_sync_state', { state: 'Ready' })).toBe(2);

    await engine.remove({ namespace: 'default', name: 'b' });
    const after = await scrape(registry);
    expect(after.filter(({ name, labels }) => name === 'homeostat_sync_state' && labels['sync'] === 'b')).toEqual([]);
    await engine.stop();
    const ended = await scrape(registry);
    expect(ended.filter(({ name }) => name.startsWith('homeostat_sync_'))).toEqual([]);
    expect(valueOf(ended, 'homeostat_cache_members')).toBe(0);
  });
});

test('an engine that stands by says so, and nothing of what it does not know', async () => {
  await using here = await stage({ loop: { lease: { holder: 'host/1/x' } } });
  here.commit(configMap('a'));
  here.start();
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));
  const registry = new Registry();
  const metrics = createPromMetrics(registry);
  const ports = createPorts(here.sync, { client: here.client, source: here.source, clock: here.clock, metrics });
  const second = createLoop(here.sync, ports, { lease: { holder: 'host/2/y' } });
  const running = second.run();
  onTestFinished(async () => {
    await second.stop();
    await running;
    await ports.live.close();
  });
  await eventually(async () =>
    expect(valueOf(await scrape(registry), 'homeostat_sync_state', { ...SYNC, state: 'Standby' })).toBe(1),
  );
  const told = await scrape(registry);
  expect(valueOf(told, 'homeostat_lease_held', SYNC)).toBe(0);
  const unknown = ['homeostat_objects', 'homeostat_sync_info', 'homeostat_sync_last_success_timestamp_seconds'];
  expect(told.filter(({ name }) => unknown.includes(name))).toEqual([]);

  await here.stop();
  await eventually(async () =>
    expect(valueOf(await scrape(registry), 'homeostat_sync_state', { ...SYNC, state: 'Ready' })).toBe(1),
  );
  const taken = await scrape(registry);
  expect(valueOf(taken, 'homeostat_lease_held', SYNC)).toBe(1);
  expect(valueOf(taken, 'homeostat_objects', SYNC)).toBe(1);
});

test('a reader that never reads is kept no more than fits, and told what it missed', async () => {
  await using here = await stage({ policy: { validate: 'none' } });
  const slow = here.loop.events();
  const objects = Array.from({ length: 300 }, (_, n) => configMap(`c-${n}`));
  const versions = Array.from({ length: 18 }, (_, n) => `${n}`);
  here.start();
  for (const version of versions) {
    here.commit(configMap('first', { version }), ...objects);
    await eventually(async () => {
      const first = await here.client.get({ ...a, name: 'first' });
      expect(first?.['data']).toEqual({ version });
    });
  }
  await here.stop();
  const unread = await Array.fromAsync(slow);
  const [dropped, ...kept] = unread;
  expect(dropped).toEqual({ type: 'dropped', count: here.events.length - kept.length });
  expect(kept.map(weightOf).reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(10_000);
  expect(kept).toEqual(here.events.slice(-kept.length));
});

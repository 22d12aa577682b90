/**
 * How it must behave: no Secret value in any output. Whatever leaves the engine (reports, plans, events, stored reports,
 * errors, metrics, what is told on channels, spans) is searched for every value that was put in, as it stands and in base64.
 */
import { createHash } from 'node:crypto';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';
import { expect, onTestFinished } from 'vitest';
import { printRef, refOf, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { traceToSpans } from '@homeostat/reconcile/opentelemetry';
import { createPromMetrics } from '@homeostat/reconcile/prom-client';
import { scenarioTest as story, secret } from '../../../test/support/scenario.ts';
import type { Process, World } from '../../../test/support/scenario.ts';
import { overhear } from './overhear.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

function randomFrom(start: number): (below: number) => number {
  let state = start | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A value that stands nowhere else, in one of the shapes that servers quote. */
function randomValue(random: (below: number) => number): {
  readonly value: unknown;
  readonly traces: readonly string[];
} {
  const word = Array.from({ length: 12 }, () => 'bcdfghjkmnpqrstvwxz'[random(19)]).join('');
  const digits = Array.from({ length: 10 }, () => `${1 + random(9)}`).join('');
  switch (random(6)) {
    case 0:
      return { value: Number(digits), traces: [digits] };
    case 1:
      return { value: `say "${word}" \\ once`, traces: [word] };
    case 2:
      return { value: `${word}\nsecond ${word}`, traces: [word] };
    case 3:
      return { value: [word], traces: [word] };
    case 4:
      return { value: { inner: word }, traces: [word] };
    default:
      return { value: word, traces: [word] };
  }
}

function textsOf(world: World, process: Process, outputs: readonly unknown[], parent: KubeObject | undefined): string {
  return [...outputs, process.events, parent ?? {}, world.namespace].map((output) => stringifyJson(output)).join('\n');
}

story(`no value of a Secret in any output (SEED=${seed})`, async ({ scenario }) => {
  const random = randomFrom(seed);
  const heard = overhear();
  const spans = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  onTestFinished(traceToSpans(provider.getTracer('homeostat')));
  console.log(`secrets with SEED=${seed}`);
  for (let round = 0; round < 12; round += 1) {
    const world = await scenario({
      name: `site-${round}`,
      policy: {
        wait: false,
        adopt: random(2) === 0 ? 'never' : 'unowned',
        additions: (['ignore', 'report', 'remove'] as const)[random(3)] ?? 'ignore',
      },
    });
    const traces: string[] = [];
    const values = (): Record<string, unknown> => {
      const drawn = Array.from({ length: 1 + random(3) }, () => randomValue(random));
      traces.push(...drawn.flatMap((one) => one.traces));
      return Object.fromEntries(drawn.map(({ value }, i) => [`k${i}`, value]));
    };
    const one = (): KubeObject => {
      const object = secret(`key-${round}`, values());
      switch (random(4)) {
        case 0:
          return { apiVersion: 'v1', kind: 'Secret', metadata: object.metadata, data: values() };
        case 1:
          return { ...object, immutable: true };
        case 2:
          return { ...object, surplus: values() };
        default:
          return object;
      }
    };
    // Somebody else's value is a secret too.
    const theirs = `held${traces.length}by${round}another`;
    traces.push(theirs);
    if (random(3) === 0) await world.applyAs('somebody', secret(`key-${round}`, { k0: theirs }));
    const registry = new Registry();
    const process = await world.process({}, { metrics: createPromMetrics(registry) });
    const outputs: unknown[] = [];
    for (let pass = 0; pass < 3; pass += 1) {
      await world.commit({ 'key.yaml': one() });
      outputs.push(await process.plan());
      outputs.push(await process.reconcile());
      // What somebody adds to it is theirs, and no less secret.
      const added = `added${traces.length}by${round}another`;
      traces.push(added);
      // An immutable one takes nothing.
      if (random(2) === 0)
        await world.applyAs('guest', secret(`key-${round}`, { extra: added })).catch(() => undefined);
    }
    await world.commit({ 'key.yaml': null });
    outputs.push(await process.plan());
    outputs.push(await process.reconcile({ signal: AbortSignal.timeout(60_000) }));
    const parent = await world.live({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: world.sync.name } });
    const attributes = spans.getFinishedSpans().map(({ name, attributes: own, status }) => ({ name, own, status }));
    outputs.push(await registry.metrics(), heard.splice(0), attributes);
    spans.reset();
    expect(attributes.length).toBeGreaterThan(0);
    const text = textsOf(world, process, outputs, parent);
    for (const trace of traces) {
      const sums = (['hex', 'base64url'] as const).map((form) => createHash('sha256').update(trace).digest(form));
      for (const written of [trace, Buffer.from(trace).toString('base64').replace(/=+$/, '').slice(0, -1), ...sums]) {
        const at = text.indexOf(written);
        const around = text.slice(Math.max(0, at - 300), at + 100);
        expect(at, `round ${round} of SEED=${seed} shows ${written}: ${around}`).toBe(-1);
      }
    }
  }
});

story('an error of one Secret names the object and the field, and no value', async ({ scenario }) => {
  const world = await scenario();
  const port = 48_151_623;
  await world.commit({ 'key.yaml': secret('key', { port }) });
  const report = await world.reconcile();
  const [object] = report.objects;
  expect(object).toMatchObject({ action: 'failed', code: 'invalid' });
  expect(object?.message).toContain(
    printRef(refOf({ ...secret('key', {}), metadata: { name: 'key', namespace: world.namespace } })),
  );
  expect(object?.message).not.toContain(`${port}`);
});

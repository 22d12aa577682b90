import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Counter, Histogram, Meter, Span, Tracer } from '@opentelemetry/api';
import type { PassTrace, RepairTrace, TracingMessages } from './channels.ts';
import type { SetName } from './claims.ts';
import { metricCatalog } from './metric-catalog.ts';
import type { CounterName, HistogramName, MetricDefinition, SampledName } from './metric-catalog.ts';
import { createReaders } from './metrics.ts';
import type { Metrics } from './metrics.ts';

/** Metrics of this engine as instruments of a meter, under the names of `metricCatalog`. What is read is read at each collection. */
export function createOpenTelemetryMetrics(meter: Meter): Metrics {
  const readers = createReaders();
  const counters = new Map<CounterName, Counter>();
  const histograms = new Map<HistogramName, Histogram>();
  for (const [name, definition] of Object.entries<MetricDefinition>(metricCatalog)) {
    const { kind, help: description, buckets } = definition;
    const options = { description, ...unitOf(name) };
    switch (kind) {
      case 'counter':
        counters.set(name as CounterName, meter.createCounter(name, options));
        break;
      case 'histogram': {
        const advice = buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } };
        histograms.set(name as HistogramName, meter.createHistogram(name, { ...options, ...advice }));
        break;
      }
      case 'gauge':
      case 'total': {
        const instrument =
          kind === 'gauge' ? meter.createObservableGauge(name, options) : meter.createObservableCounter(name, options);
        instrument.addCallback((result) => {
          for (const { labels, value } of readers.gather(name as SampledName)) result.observe(value, labels);
        });
        break;
      }
      default:
        kind satisfies never;
    }
  }
  return {
    add: (name, labels, by = 1) => counters.get(name)?.add(by, labels),
    record: (name, labels, value) => histograms.get(name)?.record(value, labels),
    sample: (name, read) => readers.add(name, read),
  };
}

/**
 * A span for each pass (`homeostat.pass`, with one for each of its stages) and each repair (`homeostat.repair`) of this process, from
 * the tracing channels, until the function that this returns is called.
 */
export function traceToSpans(tracer: Tracer): () => void {
  const spans = new WeakMap<object, Span>();
  const end = (message: object, attributes: Attributes, failed: string | undefined): void => {
    const span = spans.get(message);
    if (span === undefined) return;
    span.setAttributes(attributes);
    if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
    span.end();
  };
  const leave = [
    listen('homeostat:pass', {
      start(message) {
        spans.set(message, tracer.startSpan('homeostat.pass', { attributes: syncAttributes(message.sync) }));
      },
      asyncEnd(message) {
        end(message, passAttributes(message), passFailure(message));
      },
    }),
    listen('homeostat:stage', {
      start(message) {
        const pass = spans.get(message.pass);
        if (pass === undefined) return;
        const attributes = syncAttributes(message.pass.sync);
        const parent = trace.setSpan(context.active(), pass);
        spans.set(message, tracer.startSpan(`homeostat.${message.stage}`, { attributes }, parent));
      },
      asyncEnd(message) {
        end(message, {}, undefined);
      },
    }),
    listen('homeostat:repair', {
      start(message) {
        spans.set(message, tracer.startSpan('homeostat.repair', { attributes: syncAttributes(message.sync) }));
      },
      asyncEnd(message) {
        end(message, repairAttributes(message), message.result === 'failed' ? 'failed' : undefined);
      },
    }),
  ];
  return () => leave.forEach((one) => one());
}

function listen<Name extends keyof TracingMessages>(
  name: Name,
  heard: Readonly<Record<'start' | 'asyncEnd', (message: TracingMessages[Name]) => void>>,
): () => void {
  const listeners = (['start', 'asyncEnd'] as const).map((event) => {
    const hear = (message: unknown): void => heard[event](message as TracingMessages[Name]);
    return { channel: `tracing:${name}:${event}`, hear };
  });
  for (const { channel, hear } of listeners) subscribe(channel, hear);
  return () => {
    for (const { channel, hear } of listeners) unsubscribe(channel, hear);
  };
}

function syncAttributes({ namespace, name }: SetName): Attributes {
  return { 'homeostat.sync.namespace': namespace, 'homeostat.sync.name': name };
}

function passAttributes({ result, revision, counts }: PassTrace): Attributes {
  return {
    ...(result !== undefined && { 'homeostat.result': result }),
    ...(revision !== undefined && { 'homeostat.commit': revision.commit }),
    ...Object.fromEntries(Object.entries(counts ?? {}).map(([action, count]) => [`homeostat.${action}`, count])),
  };
}

function passFailure({ result, failure }: PassTrace): string | undefined {
  if (result !== 'Failed') return undefined;
  return failure === undefined ? 'objects failed' : `${failure.stage}: ${failure.code}`;
}

function repairAttributes({ objects, drifted, result }: RepairTrace): Attributes {
  return {
    'homeostat.objects': objects,
    ...(drifted !== undefined && { 'homeostat.drifted': drifted }),
    ...(result !== undefined && { 'homeostat.result': result }),
  };
}

function unitOf(name: string): { readonly unit?: string } {
  if (name.endsWith('_seconds')) return { unit: 's' };
  return name.endsWith('_bytes') ? { unit: 'By' } : {};
}

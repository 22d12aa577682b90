import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { metricCatalog } from './metric-catalog.ts';
import type { CounterName, HistogramName, MetricDefinition, MetricName } from './metric-catalog.ts';
import { createReaders } from './metrics.ts';
import type { Metrics, Sample } from './metrics.ts';

/**
 * Metrics of this engine in a registry of prom-client, under the names of `metricCatalog`. What is read is read at each scrape.
 *
 * @throws whatever prom-client says when the registry has metrics of these names already.
 */
export function createPromMetrics(registry: Registry): Metrics {
  const readers = createReaders();
  const counters = new Map<CounterName, Counter>();
  const histograms = new Map<HistogramName, Histogram>();
  for (const [key, definition] of Object.entries<MetricDefinition>(metricCatalog)) {
    const { kind, help, labels, buckets } = definition;
    const about = { name: key, help, labelNames: labels, registers: [registry] };
    switch (kind) {
      case 'counter':
        counters.set(key as CounterName, new Counter(about));
        break;
      case 'histogram':
        histograms.set(
          key as HistogramName,
          new Histogram({ ...about, ...(buckets !== undefined && { buckets: [...buckets] }) }),
        );
        break;
      case 'gauge':
      case 'total': {
        const gather = (): readonly Sample[] => readers.gather(key as Exclude<MetricName, CounterName | HistogramName>);
        const metric = kind === 'gauge' ? new Gauge({ ...about, collect }) : new Counter({ ...about, collect });
        function collect(): void {
          metric.reset();
          for (const { labels: own, value } of gather()) metric.inc(own, value);
        }
        break;
      }
      default:
        kind satisfies never;
    }
  }
  return {
    add: (name, labels, by) => counters.get(name)?.inc(labels, by),
    record: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    sample: (name, read) => readers.add(name, read),
  };
}

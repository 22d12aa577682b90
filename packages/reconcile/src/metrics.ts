import { metricCatalog } from './metric-catalog.ts';
import type { CounterName, HistogramName, SampledName } from './metric-catalog.ts';

/** A value for each label that the catalog names, and no other. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Where figures go. `@homeostat/reconcile/prom-client` and `@homeostat/reconcile/opentelemetry` make one; its calls must neither throw nor
 * wait.
 */
export interface Metrics {
  add(name: CounterName, labels: Labels, by?: number): void;
  record(name: HistogramName, labels: Labels, value: number): void;
  /**
   * Calls `read` whenever somebody looks, until the function that this returns is called. Samples of equal labels are added up, whoever
   * gave them.
   */
  sample(name: SampledName, read: () => readonly Sample[]): () => void;
}

/** Who is asked for the samples of each metric: what an adapter keeps. */
export interface Readers {
  add(name: SampledName, read: () => readonly Sample[]): () => void;
  /** The samples of now; those of equal labels are added up. */
  gather(name: SampledName): readonly Sample[];
}

export function createReaders(): Readers {
  const readers = new Map<SampledName, Set<() => readonly Sample[]>>();
  return {
    add(name, read) {
      const known = readers.get(name) ?? new Set();
      const own = (): readonly Sample[] => read();
      readers.set(name, known.add(own));
      return () => void known.delete(own);
    },
    gather(name) {
      const samples = new Map<string, Sample>();
      for (const read of readers.get(name) ?? []) {
        for (const { labels, value } of read()) {
          const key = JSON.stringify(metricCatalog[name].labels.map((label) => labels[label]));
          samples.set(key, { labels, value: value + (samples.get(key)?.value ?? 0) });
        }
      }
      return [...samples.values()];
    },
  };
}

/** The labels of `apiserver_request_total` that are not fixed. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: string;
  readonly dryRun: boolean;
  readonly code: number;
}

/** Counts finished requests as kube-apiserver does. A watch counts when it ends. */
export class Metrics {
  readonly #requests = new Map<string, number>();

  count({ verb, group, version, resource, subresource, scope, dryRun, code }: RequestLabels): void {
    const labels =
      `code="${String(code)}",component="apiserver",dry_run="${dryRun ? 'All' : ''}",group="${group}",` +
      `resource="${resource}",scope="${scope}",subresource="${escape(subresource)}",verb="${verb}",version="${version}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
  }

  /** In the text format of Prometheus. */
  print(): string {
    const lines = [...this.#requests].map(([labels, count]) => `apiserver_request_total{${labels}} ${String(count)}`);
    return [
      '# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      '# TYPE apiserver_request_total counter',
      ...lines.toSorted(),
      '',
    ].join('\n');
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

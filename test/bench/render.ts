import { hash } from 'node:crypto';
import { loadAll } from 'js-yaml';
import { createRenderMemo, render } from '@homeostat/render';
import type { FileEntry, FileReader, RenderMemo } from '@homeostat/render';
import { seconds, table, verdict } from './table.ts';

const DIRECTORIES = 100;
const PER_DIRECTORY = 50;
const TURNS = 10;

interface Tree extends FileReader {
  readonly directories: Map<string, Map<string, FileEntry & { readonly text: string }>>;
}

/** 5,000 files of about 1 KB in 100 directories: a Deployment and a Service each. */
function tree(): Tree {
  const directories: Tree['directories'] = new Map();
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    const files = new Map<string, FileEntry & { readonly text: string }>();
    for (let file = 0; file < PER_DIRECTORY; file++)
      files.set(`app${file}.yaml`, entry(`app${file}.yaml`, `app-${directory}-${file}`, 1));
    directories.set(`team${directory}`, files);
  }
  return {
    directories,
    async list(path) {
      if (path === '') return [...directories.keys()].map((name) => ({ name, type: 'directory' }));
      return [...(directories.get(path)?.values() ?? [])];
    },
    async read(path) {
      const [directory = '', name = ''] = path.split('/');
      return Buffer.from(directories.get(directory)?.get(name)?.text ?? '');
    },
  };
}

function entry(file: string, name: string, replicas: number): FileEntry & { readonly text: string } {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app.kubernetes.io/name: ${name}, app.kubernetes.io/part-of: shop}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app.kubernetes.io/name: ${name}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: ${name}}
    spec:
      containers:
        - name: web
          image: registry.example.com/shop/${name}:1.2.3
          args: ["--listen", ":8080", "--log-level=info"]
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: {app.kubernetes.io/name: ${name}}
  ports:
    - port: 80
      targetPort: 8080
`;
  return { name: file, type: 'file', oid: hash('sha1', text), size: text.length, text };
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What a render costs cold, warm, and warm after one of 5,000 files changed; js-yaml's own reading of the same text beside it. */
export async function benchRender(): Promise<void> {
  const files = tree();
  const texts = [...files.directories.values()].flatMap((directory) => [...directory.values()].map(({ text }) => text));
  const times = { parser: [] as number[], cold: [] as number[], warm: [] as number[], changed: [] as number[] };
  let replicas = 1;
  for (let turn = 0; turn < TURNS; turn++) {
    times.parser.push(await timed(() => texts.map((text) => loadAll(text))));
    const memo = createRenderMemo();
    times.cold.push(await timed(() => render(files, {}, { memo })));
    times.warm.push(await timed(() => render(files, {}, { memo })));
    files.directories.get('team7')?.set('app7.yaml', entry('app7.yaml', 'app-7-7', ++replicas));
    const before = memo.counts;
    times.changed.push(await timed(() => render(files, {}, { memo })));
    expectOneParse(before, memo);
  }
  // The best turn counts, so that whatever else the machine does counts least.
  const best = (of: readonly number[]): number => Math.min(...of);
  const [parser, cold, warm, changed] = [best(times.parser), best(times.cold), best(times.warm), best(times.changed)];
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  const row = (what: string, ms: number): string[] => [what, seconds(ms), (ms / cold).toFixed(3)];
  console.log(`\n${texts.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${texts.length * 2} objects\n`);
  console.log(
    table(
      ['way', 'seconds', '× cold'],
      [
        row('js-yaml loadAll, its own schema', parser),
        row('render, cold', cold),
        row('render, warm, nothing changed', warm),
        row('render, warm, one file changed', changed),
      ],
    ),
  );
  console.log(`\n${verdict('cold render / js-yaml', cold / parser, { atMost: 2 })}`);
  console.log(verdict('one file changed / cold', changed / cold, { atMost: 0.1 }));
}

function expectOneParse(before: RenderMemo['counts'], { counts }: RenderMemo): void {
  const parsed = counts.documentsParsed - before.documentsParsed;
  const read = counts.filesRead - before.filesRead;
  if (parsed !== 1 || read !== 1)
    throw new Error(`one document changed, but ${read} files were read and ${parsed} documents parsed`);
}

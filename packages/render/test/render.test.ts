import { describe, expect, test } from 'vitest';
import { RenderError, createRenderMemo, render } from '@homeostat/render';
import type { RenderSpec } from '@homeostat/render';
import { brief, configMap, memoryFiles, names, randomFrom, seedOf } from './support.ts';

describe('choosing files', () => {
  const tree = {
    'README.md': 'not a manifest',
    'a.yaml': configMap('a'),
    'b.yml': configMap('b'),
    'c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    'sub/d.yaml': configMap('d'),
    'sub/deep/e.yaml': configMap('e'),
    '.hidden/f.yaml': configMap('f'),
    '.gitlab-ci.yml': 'stages: [test]',
  };
  const chosen = async (spec: RenderSpec, files: Record<string, string> = tree): Promise<string[]> =>
    names(await render(memoryFiles(files), spec));

  test('takes yaml, yml and json at any depth, in the order of their paths, and nothing hidden', async () => {
    const rendered = await render(memoryFiles(tree), {}, { commit: 'c0ffee' });
    expect(rendered).toMatchObject({ findings: [], complete: true });
    expect(names(rendered)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(rendered.inputs).toEqual(['a.yaml', 'b.yml', 'c.json', 'sub/d.yaml', 'sub/deep/e.yaml']);
    expect(rendered.objects[3]?.origin).toEqual({ path: 'sub/d.yaml', document: 1, line: 1, commit: 'c0ffee' });
  });

  test('takes what path, recursive, include and exclude say', async () => {
    expect(await chosen({ path: 'sub' })).toEqual(['d', 'e']);
    expect(await chosen({ path: './sub/deep/' })).toEqual(['e']);
    expect(await chosen({ path: 'sub/d.yaml' })).toEqual(['d']);
    expect(await chosen({ path: '.hidden' })).toEqual(['f']);
    expect(await chosen({ recursive: false })).toEqual(['a', 'b', 'c']);
    expect(await chosen({ include: ['*.yaml'] })).toEqual(['a']);
    expect(await chosen({ include: ['**/*.{yaml,yml}'], exclude: ['sub/deep/**'] })).toEqual(['a', 'b', 'd']);
    expect(await chosen({ include: ['[ab].*', 'sub/?.yaml'] })).toEqual(['a', 'b', 'd']);
    expect(await chosen({ path: 'sub', exclude: ['d.yaml'] })).toEqual(['e']);
  });

  test('leaves out what ignore files say, the nearest one deciding', async () => {
    const files = {
      ...tree,
      '.sourceignore': '# comment\nsub/*\n!sub/deep\nc.json\n',
      '.homeostatignore': '!c.json\nB.yml\n',
      'sub/deep/.homeostatignore': 'e.yaml\n',
      'sub/deep/g.yaml': configMap('g'),
    };
    const rendered = await render(memoryFiles(files));
    expect(names(rendered)).toEqual(['a', 'b', 'c', 'g']);
    expect(rendered.inputs).toContain('sub/deep/.homeostatignore');
    expect(await chosen({ path: 'sub' }, files)).toEqual(['g']);
  });

  test('a path that does not exist is an error that says what does', async () => {
    const rendered = await render(memoryFiles(tree), { path: 'sub/depe' });
    expect(rendered).toMatchObject({
      objects: [],
      complete: false,
      findings: [{ severity: 'error', code: 'PATH_MISSING', message: 'sub has no "depe"; it has d.yaml, deep' }],
    });
  });

  test('a path that leads out of the repository is refused', async () => {
    const rendered = await render(memoryFiles(tree), { path: 'sub/../../etc' });
    expect(rendered).toMatchObject({ objects: [], complete: false, findings: [{ code: 'PATH_OUTSIDE' }] });
  });

  test('no manifest at all is said, and is complete: absence is what the source wants', async () => {
    const rendered = await render(memoryFiles({ 'docs/README.md': '' }));
    expect(rendered).toMatchObject({
      objects: [],
      complete: true,
      findings: [{ severity: 'warning', code: 'NO_FILES' }],
    });
    expect((await render(memoryFiles({}))).findings.map(({ code }) => code)).toEqual(['NO_FILES']);
  });

  test('a file or directory that cannot be read is a finding; the others are still rendered', async () => {
    const files = memoryFiles({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'sub/c.yaml': configMap('c') });
    const rendered = await render({
      list: (path) => (path === 'sub' ? Promise.reject(new Error('object missing')) : files.list(path)),
      read: (path) => (path === 'a.yaml' ? Promise.reject(new Error('object missing')) : files.read(path)),
    });
    expect(rendered.findings.map(brief)).toEqual(['error UNREADABLE a.yaml', 'error UNREADABLE sub']);
    expect(names(rendered)).toEqual(['b']);
    expect(rendered.complete).toBe(false);
  });

  test('links to files are read, links to directories and submodules are named', async () => {
    const files = memoryFiles({ 'a.yaml': configMap('a'), 'real/b.yaml': configMap('b') });
    const link = (name: string) => ({ name, type: 'symlink' as const, oid: 'the-link', size: 6 });
    const rendered = await render({
      async list(path) {
        const extra = [link('link.yaml'), link('linked'), { name: 'vendor', type: 'submodule' as const }];
        return path === '' ? [...(await files.list('')), ...extra] : files.list(path === 'linked' ? 'real' : path);
      },
      read: (path) => files.read(path === 'link.yaml' ? 'a.yaml' : path),
    });
    expect(rendered.objects.map(({ origin }) => origin.path)).toEqual(['a.yaml', 'link.yaml', 'real/b.yaml']);
    expect(rendered.findings.map(brief)).toEqual(['warning SYMLINK_NOT_FOLLOWED linked', 'error UNREADABLE vendor']);
  });

  test('a glob or limit that makes no sense is an error of the caller', async () => {
    await expect(render(memoryFiles(tree), { include: ['{a'] })).rejects.toThrow(RenderError);
    await expect(render(memoryFiles(tree), {}, { limits: { depth: 0 } })).rejects.toMatchObject({
      code: 'INVALID_SPEC',
    });
    await expect(render(memoryFiles(tree), {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('input of other tools', () => {
  const tree = {
    'web.yaml': configMap('web'),
    'app/kustomization.yaml': 'resources: [deployment.yaml]\n',
    'app/deployment.yaml': configMap('patched-later'),
    'app/sub/patch.yaml': configMap('a-patch'),
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\n',
    'chart/templates/x.yaml': 'name: {{ .Values.x }}\n',
  };

  test('a kustomization or chart is an error, and nothing of its directory is applied', async () => {
    const rendered = await render(memoryFiles(tree));
    expect(rendered.findings.map(brief)).toEqual([
      'error UNSUPPORTED_KUSTOMIZE app/kustomization.yaml',
      'error UNSUPPORTED_HELM chart/Chart.yaml',
    ]);
    expect(names(rendered)).toEqual(['web']);
    expect(rendered.complete).toBe(false);
  });

  test('with kind yaml only the kustomization itself is held back', async () => {
    const rendered = await render(memoryFiles(tree), { kind: 'yaml', exclude: ['chart/**'] });
    expect(rendered.findings.map(brief)).toEqual(['error UNSUPPORTED_KUSTOMIZE app/kustomization.yaml']);
    expect(names(rendered)).toEqual(['patched-later', 'a-patch', 'web']);
  });

  test('what is ignored is no longer input of another tool', async () => {
    const files = { ...tree, '.homeostatignore': 'kustomization.yaml\nchart/\n' };
    const rendered = await render(memoryFiles(files));
    expect(rendered).toMatchObject({ findings: [], complete: true });
    expect(names(rendered)).toEqual(['patched-later', 'a-patch', 'web']);
  });

  test('a Kustomization under another name, and SOPS, are never applied', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: "ENC[AES256_GCM,data:x]"}\n';
    const rendered = await render(
      memoryFiles({
        'a.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
        'flux.yaml': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux}\n',
        's.yaml': `${secret}sops:\n  lastmodified: "2026-01-01T00:00:00Z"\n  mac: ENC[AES256_GCM,data:y]\n`,
      }),
    );
    expect(rendered.findings.map(brief)).toEqual([
      'error UNSUPPORTED_KUSTOMIZE a.yaml:1:1',
      'error UNSUPPORTED_SOPS s.yaml:1:1',
    ]);
    expect(names(rendered)).toEqual(['flux']);
  });
});

describe('objects', () => {
  const findings = async (text: string): Promise<string[]> =>
    (await render(memoryFiles({ 'a.yaml': text }))).findings.map(brief);

  test.each([
    ['replicas: 3\nimage: x\n', 'error NOT_KUBERNETES a.yaml:1:1'],
    ['- a\n', 'error NOT_KUBERNETES a.yaml:1:1'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', 'error NOT_KUBERNETES a.yaml:1:1'],
    ['just text\n', 'error NOT_KUBERNETES a.yaml:1:1'],
    ['kind: ConfigMap\nmetadata: {name: a}\n', 'error MISSING_API_VERSION a.yaml:1:1'],
    ['apiVersion: v1\nmetadata: {name: a}\n', 'error MISSING_KIND a.yaml:1:1'],
    ['apiVersion: v1\nkind: ConfigMap\n', 'error MISSING_NAME a.yaml:1:1'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\n', 'error MISSING_NAME a.yaml:3:1'],
    ['apiVersion: v1\nkind: Job\nmetadata:\n  generateName: a-\n', 'error GENERATE_NAME a.yaml:4:3'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: web\n', 'error WRONG_SHAPE a.yaml:3:1'],
    ['apiVersion: 1\nkind: ConfigMap\nmetadata: {name: a}\n', 'error WRONG_SHAPE a.yaml:1:1'],
    ['apiVersion: a/b/c\nkind: ConfigMap\nmetadata: {name: a}\n', 'error WRONG_SHAPE a.yaml:1:1'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 123\n', 'error WRONG_SHAPE a.yaml:4:3'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a/b\n', 'error WRONG_SHAPE a.yaml:4:3'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: 1\n', 'error WRONG_SHAPE a.yaml:5:3'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: [a]\n', 'error WRONG_SHAPE a.yaml:5:3'],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    on-call: yes\n',
      'error WRONG_SHAPE a.yaml:6:5',
    ],
    ['apiVersion: v1\nkind: List\nitems: {}\n', 'error WRONG_SHAPE a.yaml:3:1'],
    [
      'apiVersion: v1\nkind: List\nitems:\n- kind: A\n- x\n',
      'error MISSING_API_VERSION a.yaml:4:3, error NOT_KUBERNETES a.yaml:5:3',
    ],
  ])('%j', async (text, expected) => expect((await findings(text)).join(', ')).toBe(expected));

  test('a boolean in a label is told to be quoted', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {enabled: yes}\n';
    const rendered = await render(memoryFiles({ 'a.yaml': text }));
    expect(rendered.findings).toMatchObject([
      {
        message: 'metadata.labels["enabled"] is the boolean true, and Kubernetes takes only text there',
        hint: 'quote it',
      },
    ]);
  });

  test('a label without value is an empty one, as Kubernetes reads it', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: }\n  annotations:\n';
    const rendered = await render(memoryFiles({ 'a.yaml': text }));
    expect(rendered).toMatchObject({ findings: [], objects: [{ object: { metadata: { labels: { app: '' } } } }] });
  });

  test('lists are expanded, typed and nested ones too, and each item knows its line', async () => {
    const text = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
- apiVersion: v1
  kind: ConfigMapList
  items:
  - metadata: {name: b}
  - apiVersion: example.com/v1
    kind: Other
    metadata: {name: c}
`;
    const rendered = await render(memoryFiles({ 'a.yaml': text }));
    expect(rendered.findings).toEqual([]);
    expect(
      rendered.objects.map(({ object, origin }) => [object.apiVersion, object.kind, object.metadata.name, origin.line]),
    ).toEqual([
      ['v1', 'ConfigMap', 'a', 4],
      ['v1', 'ConfigMap', 'b', 10],
      ['example.com/v1', 'Other', 'c', 11],
    ]);
  });

  test('a custom resource whose kind ends in List is an object', async () => {
    const text = 'apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: []}\n';
    expect(names(await render(memoryFiles({ 'a.yaml': text })))).toEqual(['a']);
  });

  test('local configuration stays out of the cluster, and that is said', async () => {
    const local = (value: string): string =>
      `${configMap('a')}  annotations: {config.kubernetes.io/local-config: "${value}"}\n`;
    const rendered = await render(memoryFiles({ 'a.yaml': local('true'), 'b.yaml': local('false') }));
    expect(rendered.objects.map(({ origin }) => origin.path)).toEqual(['b.yaml']);
    expect(rendered).toMatchObject({ complete: true, findings: [{ severity: 'info', code: 'LOCAL_CONFIG' }] });
  });

  test('what is wrong in one document leaves the others in place', async () => {
    const text = `${configMap('a')}---\nkind: [\n---\n${configMap('c')}`;
    const rendered = await render(memoryFiles({ 'a.yaml': text, 'b.yaml': configMap('b') }));
    expect(rendered.objects.map(({ object, origin }) => [object.metadata.name, origin.document, origin.line])).toEqual([
      ['a', 1, 1],
      ['c', 3, 8],
      ['b', 1, 1],
    ]);
    expect(rendered.complete).toBe(false);
  });

  test('no value of a Secret stands in a finding', async () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: 1}\nstringData:\n  password: hunter2 "\n  token: "hunter2\n';
    for (const text of [secret, secret.replace('"hunter2', '&hunter2'), secret.replace('"hunter2', '!!int hunter2')]) {
      const { findings: found } = await render(memoryFiles({ 'a.yaml': text }));
      expect(found.length).toBeGreaterThan(0);
      expect(JSON.stringify(found)).not.toContain('hunter2');
    }
  });
});

describe('memo', () => {
  test('an unchanged file is neither read nor parsed, and gives the same instances', async () => {
    const memo = createRenderMemo();
    const files = memoryFiles({ 'a.yaml': configMap('a'), 'b.yaml': `${configMap('b')}---\n${configMap('c')}` });
    const first = await render(files, {}, { memo });
    expect(memo.counts).toMatchObject({ filesRead: 2, documentsParsed: 3 });

    files.reads.length = 0;
    files.contents['b.yaml'] = `# a comment\n${configMap('b')}---\n${configMap('c', { x: '1' })}`;
    const second = await render(files, {}, { memo });
    expect(files.reads).toEqual(['b.yaml']);
    expect(memo.counts).toMatchObject({ filesRead: 3, filesReused: 1, documentsParsed: 4, documentsReused: 1 });
    expect(second.objects.map(({ object }, index) => object === first.objects[index]?.object)).toEqual([
      true,
      true,
      false,
    ]);
    expect(second.objects[1]?.origin.line).toBe(2);
  });

  test('without content ids documents are still remembered by their text', async () => {
    const memo = createRenderMemo();
    const files = memoryFiles({ 'a.yaml': configMap('a') }, { oids: false });
    const first = await render(files, {}, { memo });
    const second = await render(files, {}, { memo });
    expect(second.objects[0]?.object).toBe(first.objects[0]?.object);
    expect(memo.counts.documentsParsed).toBe(1);
  });

  test('findings are remembered, with the place where the text stands now', async () => {
    const memo = createRenderMemo();
    const files = memoryFiles({ 'a.yaml': 'kind: X\n' });
    expect((await render(files, {}, { memo })).findings.map(brief)).toEqual(['error MISSING_API_VERSION a.yaml:1:1']);
    files.contents['a.yaml'] = '\n\nkind: X\n';
    expect((await render(files, {}, { memo })).findings.map(brief)).toEqual(['error MISSING_API_VERSION a.yaml:3:1']);
    expect(memo.counts.documentsParsed).toBe(1);
  });

  test('the same text means something else in a JSON file and under other limits', async () => {
    const memo = createRenderMemo();
    const text = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"\u2028"}}`;
    const rendered = await render(memoryFiles({ 'a.json': text, 'a.yaml': text }), {}, { memo });
    expect(rendered.findings.map(brief)).toEqual(['error FORBIDDEN_CHARACTER a.yaml:1:76']);
    const strict = await render(memoryFiles({ 'a.json': text }), {}, { memo, limits: { depth: 1 } });
    expect(strict.findings.map(({ code }) => code)).toEqual(['TOO_DEEP']);
  });

  test('it forgets what was used least recently once it is full', async () => {
    const memo = createRenderMemo({ maxBytes: 1200 });
    const files = memoryFiles(
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`${name}.yaml`, configMap(name)])),
    );
    await render(files, {}, { memo });
    const again = await render(files, {}, { memo });
    expect(names(again)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(memo.counts.documentsParsed).toBeGreaterThan(6);
  });
});

test('the order in which the reader lists files does not matter', async () => {
  const random = randomFrom(seedOf('order independence'));
  const contents: Record<string, string> = { '.homeostatignore': 'd1/f3.yaml\n', 'd0/sub/.sourceignore': '*2.yaml\n' };
  for (let i = 0; i < 60; i++) {
    const broken = i % 7 === 0 ? 'kind: [\n---\n' : '';
    contents[`d${i % 4}/${i % 3 === 0 ? 'sub/' : ''}f${i}.yaml`] =
      `${broken}${configMap(`c${i % 50}`)}---\n${configMap(`x${i}`)}`;
  }
  const expected = await render(memoryFiles(contents));
  expect(expected.findings.length).toBeGreaterThan(5);
  for (let round = 0; round < 20; round++) {
    const order = <T>(entries: readonly T[]): T[] =>
      entries
        .map((entry) => [random(), entry] as const)
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => entry);
    expect(await render(memoryFiles(contents, { order }))).toEqual(expected);
  }
});

describe('a custom renderer', () => {
  test('gives the objects, and its error findings make the result incomplete', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } };
    const spec: RenderSpec = {
      kind: 'custom',
      path: '/app/',
      async render(_files, { path, commit }) {
        const origin = { path: `${path}@${commit}`, document: 1, line: 1 };
        return { objects: [{ object, origin }], findings: [], complete: true, inputs: [] };
      },
    };
    const rendered = await render(memoryFiles({}), spec, { commit: 'c0ffee' });
    expect(rendered.objects).toEqual([{ object, origin: { path: 'app@c0ffee', document: 1, line: 1 } }]);
    expect(rendered.complete).toBe(true);
  });

  test('that throws is a finding, not an exception', async () => {
    const rendered = await render(memoryFiles({}), {
      kind: 'custom',
      render: () => Promise.reject(new Error('no luck')),
    });
    expect(rendered).toMatchObject({
      objects: [],
      complete: false,
      findings: [{ code: 'CUSTOM_FAILED', message: 'the custom renderer failed: no luck' }],
    });
  });
});

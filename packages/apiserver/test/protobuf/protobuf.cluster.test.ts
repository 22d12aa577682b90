import { kubeData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import { cases, formsOf, PROTOBUF, send, shown, typeOf } from './forms.ts';
import { hostileCases } from './hostile-cases.ts';

const AT_ONCE = 8;

cluster.test(
  'what a real server writes as protobuf is read as what it writes as JSON',
  { timeout: 60_000 },
  async ({ plane, namespace }) => {
    const data = kubeData();
    const decoder = createDecoder(data);
    const queue = [...cases];
    const kinds = new Set<string>();
    const worker = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const type = typeOf(one.object, data);
        const { protobuf, json } = await formsOf(one, plane, namespace, data);
        const read = decoder.decode(decoder.readProtobuf(protobuf, type), type).object;
        expect.soft(shown(read), one.title).toEqual(shown(json));
        kinds.add(`${type.group}/${type.kind}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(kinds.size).toBeGreaterThan(40);
  },
);

cluster.test('a real server answers so to bodies that are wrong', async ({ plane, namespace }) => {
  const path = `/api/v1/namespaces/${namespace}/configmaps?dryRun=All&fieldValidation=Strict`;
  for (const { title, body, code, message } of hostileCases) {
    const answer = await send(plane, path, { body, type: PROTOBUF, accept: 'application/json' });
    expect.soft(answer.status, title).toBe(code);
    const said = (JSON.parse(answer.body.toString()) as { readonly message?: string }).message;
    expect.soft(said, title).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  }
});

import { expect } from 'vitest';
import { validateItems } from '@homeostat/apply';
import type { Answer, ApplyItem, ApplyPorts } from '@homeostat/apply';
import { refKey, refOf } from '@homeostat/kube';
import type { KubeObject, RequestRecord } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import {
  configMap,
  definition,
  deployment,
  itemOf,
  namespaceObject,
  portsOn,
  randomName,
  run,
  setIn,
  updateOf,
  widget,
} from './world.ts';

async function ask(
  items: readonly ApplyItem[],
  ports: ApplyPorts,
): Promise<(object: KubeObject) => Answer | undefined> {
  const running = validateItems(items, ports);
  for (;;) {
    const step = await running.next();
    if (step.done === true) return (object) => step.value.get(refKey(refOf(object)));
  }
}

cluster.test(
  'asks about every item, writes nothing, and one refusal does not end the others',
  async ({ connect, namespace }) => {
    const requests: RequestRecord[] = [];
    const client = await connect({ onRequest: (request) => requests.push(request) });
    const set = setIn(namespace);
    const good = configMap(namespace, 'good');
    const bad = deployment(namespace, 'bad', { replicas: 'three' });
    const known = configMap(namespace, 'known');
    const nowhere = configMap(randomName('none'), 'web');
    const items = [itemOf(good, set), itemOf(bad, set), itemOf(known, set, { action: 'none' }), itemOf(nowhere, set)];
    const answerTo = await ask(items, portsOn(client));

    expect(answerTo(good)).toMatchObject({ answer: 'ok', created: true, object: { data: { a: '1' } } });
    expect(answerTo(bad)).toMatchObject({ answer: 'refused', code: 'invalid' });
    expect(answerTo(nowhere)).toMatchObject({ answer: 'refused', code: 'missing-namespace' });
    expect(answerTo(known)).toBeUndefined();
    expect(await client.get(refOf(good))).toBeUndefined();
    expect(requests.filter(({ verb }) => verb === 'apply').map(({ dryRun }) => dryRun)).toEqual([true, true, true]);
  },
);

cluster.test('what exists already comes back as it is: one GET', async ({ connect, namespace, kubectl }) => {
  const requests: RequestRecord[] = [];
  const client = await connect({ onRequest: (request) => requests.push(request) });
  await kubectl(['create', 'configmap', 'web', '-n', namespace, '--from-literal=a=hand']);
  const web = configMap(namespace, 'web');
  const answerTo = await ask([itemOf(web, setIn(namespace))], portsOn(client));
  expect(answerTo(web)).toMatchObject({ answer: 'exists', live: { data: { a: 'hand' } } });
  expect(requests.filter(({ verb }) => verb !== 'discovery').map(({ verb }) => verb)).toEqual(['apply', 'get']);
});

cluster.test(
  'members: a change, a stranger under the name, nothing at all, a conflict, an immutable field',
  async ({ client, namespace, kubectl }) => {
    const set = setIn(namespace);
    const member = async (object: KubeObject) => {
      await run([itemOf(object, set)], portsOn(client));
      return (await client.get(refOf(object))) as KubeObject;
    };
    const names = ['changed', 'stranger', 'gone', 'contested'] as const;
    const live = new Map(
      await Promise.all(names.map(async (name) => [name, await member(configMap(namespace, name))] as const)),
    );
    const fixed = { ...configMap(namespace, 'fixed'), immutable: true };
    const fixedLive = await member(fixed);
    await kubectl(['delete', 'configmap', 'stranger', 'gone', '-n', namespace]);
    await kubectl(['create', 'configmap', 'stranger', '-n', namespace]);
    await client.apply(configMap(namespace, 'contested', { a: 'theirs' }), { manager: 'somebody', force: true });

    const wanted = (name: (typeof names)[number]) => configMap(namespace, name, { a: '2' });
    const items = names.map((name) => updateOf(wanted(name), live.get(name) as KubeObject, set));
    const refused = { ...fixed, data: { a: '2' } };
    const answerTo = await ask([...items, updateOf(refused, fixedLive, set)], portsOn(client));
    expect(answerTo(wanted('changed'))).toMatchObject({ answer: 'ok', created: false, object: { data: { a: '2' } } });
    expect(answerTo(wanted('stranger'))).toMatchObject({ answer: 'exists', live: { metadata: { name: 'stranger' } } });
    expect(answerTo(wanted('gone'))).toMatchObject({ answer: 'ok', created: true });
    expect(answerTo(wanted('contested'))).toEqual({
      answer: 'conflict',
      conflicts: [{ path: '.data.a', manager: 'somebody', operation: 'Apply' }],
    });
    expect(answerTo(refused)).toMatchObject({ answer: 'refused', code: 'immutable' });

    const answerToReplace = await ask([updateOf(refused, fixedLive, set, { action: 'replace' })], portsOn(client));
    expect(answerToReplace(refused)).toEqual({ answer: 'replaceable' });
  },
);

cluster.test(
  'what lives in a Namespace or is of a kind that the plan creates is deferred, without a request',
  async ({ connect, namespace }) => {
    const requests: RequestRecord[] = [];
    const client = await connect({ onRequest: (request) => requests.push(request) });
    const set = setIn(namespace);
    const group = `${randomName('g')}.example.com`;
    const home = randomName('home');
    const inside = configMap(home, 'web');
    const custom = widget(group, namespace, 'w');
    const items = [inside, custom, definition(group), namespaceObject(home)].map((object) => itemOf(object, set));
    const answerTo = await ask(items, portsOn(client));
    expect(answerTo(inside)).toEqual({ answer: 'deferred', until: 'namespace' });
    expect(answerTo(custom)).toEqual({ answer: 'deferred', until: 'kind' });
    expect(requests.filter(({ verb }) => verb === 'apply')).toHaveLength(2);
  },
);

cluster.test(
  'a kind that only an operator of the plan can bring is deferred; one that nothing brings is refused',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const custom = widget(`${randomName('g')}.example.com`, namespace, 'w');
    const alone = await ask([itemOf(custom, set)], portsOn(client));
    expect(alone(custom)).toMatchObject({ answer: 'refused', code: 'not-found-kind' });
    const withOperator = await ask(
      [itemOf(custom, set), itemOf(deployment(namespace, 'operator'), set)],
      portsOn(client),
    );
    expect(withOperator(custom)).toEqual({ answer: 'deferred', until: 'kind' });
  },
);

import type { KubeObject } from '../object.ts';
import { configMap, MANAGER, refusal } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const applyBehaviours: readonly Behaviour[] = [
  {
    title: 'apply creates, updates, removes what it owned, and keeps the resourceVersion when nothing changes',
    async run({ client, namespace }, expect) {
      const first = await client.apply(configMap(namespace, 'a', { one: '1', two: '2' }), { manager: MANAGER });
      expect(first).toMatchObject({ created: true, warnings: [] });
      const second = await client.apply(configMap(namespace, 'a', { one: '1' }), { manager: MANAGER });
      expect(second.created).toBe(false);
      expect(second.object['data']).toEqual({ one: '1' });
      expect(
        second.object.metadata.managedFields?.map(({ manager, operation, fieldsV1 }) => ({
          manager,
          operation,
          fieldsV1,
        })),
      ).toEqual([{ manager: MANAGER, operation: 'Apply', fieldsV1: { 'f:data': { 'f:one': {} } } }]);
      const third = await client.apply(configMap(namespace, 'a', { one: '1' }), { manager: MANAGER });
      expect(third.object).toEqual(second.object);
    },
  },
  {
    title: 'a value that another manager owns is a CONFLICT that names manager and field; force takes it',
    async run({ client, namespace }, expect) {
      await client.apply(configMap(namespace, 'a', { k: '1', l: '1' }), { manager: 'first' });
      const refused = await refusal(
        client.apply(configMap(namespace, 'a', { k: '2', l: '2', m: '2' }), { manager: 'second' }),
      );
      expect(refused).toMatchObject({
        code: 'CONFLICT',
        status: 409,
        reason: 'Conflict',
        retry: 'never',
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.k' },
          { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.l' },
        ],
      });
      const shared = await client.apply(configMap(namespace, 'a', { k: '1' }), { manager: 'second' });
      expect(shared.object['data']).toEqual({ k: '1', l: '1' });
      const forced = await client.apply(configMap(namespace, 'a', { k: '2' }), { manager: 'second', force: true });
      expect(forced.object['data']).toEqual({ k: '2', l: '1' });
    },
  },
  {
    title: 'resourceVersion "1" creates only what is not there',
    async run({ client, namespace }, expect) {
      const object = configMap(namespace, 'a', { k: '1' });
      const createOnly: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
      expect(await client.apply(createOnly, { manager: MANAGER, dryRun: true })).toMatchObject({ created: true });
      expect(await client.apply(createOnly, { manager: MANAGER })).toMatchObject({ created: true });
      const refused = await refusal(client.apply(createOnly, { manager: MANAGER }));
      expect(refused).toMatchObject({ code: 'STALE', status: 409, reason: 'Conflict', causes: [] });
      expect((await refusal(client.apply(createOnly, { manager: MANAGER, dryRun: true }))).code).toBe('STALE');
      expect((await refusal(client.apply(createOnly, { manager: 'other', force: true }))).code).toBe('STALE');
    },
  },
  {
    title: 'another uid or resourceVersion is STALE, whether the object is there or not',
    async run({ client, namespace }, expect) {
      const { object } = await client.apply(configMap(namespace, 'a', { k: '1' }), { manager: MANAGER });
      const { uid, resourceVersion } = object.metadata;
      const changed = configMap(namespace, 'a', { k: '2' });
      const as = (metadata: Record<string, unknown>, name = 'a'): KubeObject => ({
        ...changed,
        metadata: { name, namespace, ...metadata },
      });
      const other = '11111111-2222-3333-4444-555555555555';
      expect(await refusal(client.apply(as({ uid: other }), { manager: MANAGER }))).toMatchObject({
        code: 'STALE',
        status: 422,
      });
      expect(await refusal(client.apply(as({ uid: other }, 'b'), { manager: MANAGER }))).toMatchObject({
        code: 'STALE',
        status: 409,
      });
      expect(await refusal(client.apply(as({ uid: other, resourceVersion }), { manager: MANAGER }))).toMatchObject({
        code: 'STALE',
      });
      const current = await client.apply(as({ uid, resourceVersion }), { manager: MANAGER });
      expect(current.object['data']).toEqual({ k: '2' });
      expect(await refusal(client.apply(as({ uid, resourceVersion }), { manager: MANAGER }))).toMatchObject({
        code: 'STALE',
        status: 409,
      });
    },
  },
  {
    title: 'a manifest that does not fit its schema is INVALID, not a failure of the server, and says where',
    async run({ client, namespace }, expect) {
      const cases: readonly (readonly [Record<string, unknown>, string])[] = [
        [{ zz: 1 }, '.zz'],
        [{ data: { k: 1 } }, '.data.k'],
      ];
      for (const [fields, place] of cases) {
        const refused = await refusal(client.apply({ ...configMap(namespace, 'a'), ...fields }, { manager: MANAGER }));
        expect(refused).toMatchObject({ code: 'INVALID', status: 500, reason: '', retry: 'never' });
        expect(refused.message.includes(place)).toBe(true);
      }
      const twice = await refusal(
        client.apply(
          pod(namespace, [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ]),
          { manager: MANAGER },
        ),
      );
      expect(twice).toMatchObject({ code: 'INVALID', retry: 'never' });
      expect(twice.message.includes('duplicate entries for key [name="A"]')).toBe(true);
    },
  },
  {
    title: 'the value of a Secret stays out of the error that it causes',
    async run({ client, namespace }, expect) {
      const secret: KubeObject = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', namespace },
        stringData: { pin: 86_421_357 },
      };
      const refused = await refusal(client.apply(secret, { manager: MANAGER }));
      expect(refused.code).toBe('INVALID');
      expect(refused.message.includes('.stringData.pin')).toBe(true);
      expect(JSON.stringify(refused).includes('86421357')).toBe(false);
    },
  },
  {
    title: 'a manager without a name, or with too long a one, is INVALID',
    async run({ client, namespace }, expect) {
      for (const manager of ['', 'm'.repeat(129)]) {
        expect(await refusal(client.apply(configMap(namespace, 'a'), { manager }))).toMatchObject({
          code: 'INVALID',
          status: 422,
        });
      }
    },
  },
];

function pod(namespace: string, env: readonly unknown[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace },
    spec: { containers: [{ name: 'c', image: 'i', env }] },
  };
}

import type { KubeObject } from '../object.ts';
import { all, configMap, eventually, MANAGER, refusal, resourceOf } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const refusalBehaviours: readonly Behaviour[] = [
  {
    title: 'somebody without rights is FORBIDDEN, for reading, writing and watching alike',
    async run({ client, namespace }, expect) {
      const other = client.as({ user: 'conformance-nobody' });
      const resource = await resourceOf(client, '', 'ConfigMap');
      const forbidden = { code: 'FORBIDDEN', status: 403, reason: 'Forbidden', retry: 'never' };
      expect(await refusal(other.get({ group: '', kind: 'ConfigMap', namespace, name: 'a' }))).toMatchObject(forbidden);
      expect(await refusal(other.apply(configMap(namespace, 'a'), { manager: MANAGER }))).toMatchObject(forbidden);
      expect(await refusal(all(other.list(resource)))).toMatchObject(forbidden);
      const { message, ...refused } = await refusal(all(other.watch(resource, { resourceVersion: '0' })));
      expect(refused).toMatchObject(forbidden);
      expect(message.includes('User "conformance-nobody" cannot watch resource "configmaps"')).toBe(true);
    },
  },
  {
    title: 'impersonation carries user, groups and extra',
    async run({ client }, expect) {
      const other = client.as({
        user: 'conformance',
        groups: ['one', 'two'],
        extra: { 'example.com/team': ['a', 'b'] },
      });
      const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
      const answer = await other.request({
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        body,
      });
      const { status } = JSON.parse(answer.body) as { readonly status: { readonly userInfo: Record<string, unknown> } };
      expect(answer.status).toBe(201);
      expect(status.userInfo).toMatchObject({ username: 'conformance', extra: { 'example.com/team': ['a', 'b'] } });
      expect((status.userInfo['groups'] as string[]).toSorted()).toEqual(['one', 'system:authenticated', 'two']);
    },
  },
  {
    title: 'who acts as somebody else cannot act as a third one in turn, which is INVALID',
    async run({ client }, expect) {
      const other = client.as({ user: 'conformance-nobody' });
      const third = await refusal((async () => other.as({ user: 'conformance' }))());
      expect(third).toMatchObject({ code: 'INVALID' });
    },
  },
  {
    title: 'a field that cannot change, and a value that cannot be, are INVALID with their causes',
    async run({ client, namespace }, expect) {
      const secret: KubeObject = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', namespace },
        type: 'Opaque',
      };
      await client.apply(secret, { manager: MANAGER });
      expect(await refusal(client.apply({ ...secret, type: 'example.com/other' }, { manager: MANAGER }))).toMatchObject(
        {
          code: 'INVALID',
          status: 422,
          reason: 'Invalid',
          causes: [{ reason: 'FieldValueInvalid', field: 'type' }],
        },
      );
      expect(await refusal(client.create(configMap(namespace, 'A_B')))).toMatchObject({
        code: 'INVALID',
        status: 422,
        causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }],
      });
    },
  },
  {
    title: 'an admission webhook that cannot be called is WEBHOOK, by name, and worth a retry',
    async run({ client, namespace }, expect) {
      const name = `${namespace}.conformance.example`;
      const webhook: KubeObject = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name },
        webhooks: [
          {
            name,
            clientConfig: { url: 'https://127.0.0.1:1/validate' },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            timeoutSeconds: 1,
          },
        ],
      };
      const ref = {
        group: 'admissionregistration.k8s.io',
        kind: 'ValidatingWebhookConfiguration',
        namespace: '',
        name,
      };
      await client.create(webhook);
      try {
        const refused = await untilRefused(() => client.create(configMap(namespace, 'a'), { dryRun: true }));
        expect(refused).toMatchObject({ code: 'WEBHOOK', status: 500, reason: 'InternalError', retry: 'backoff' });
        expect(refused.message.includes(`repair or remove the webhook "${name}"`)).toBe(true);
      } finally {
        await client.delete(ref);
      }
      expect(await eventually(() => client.create(configMap(namespace, 'b')))).toMatchObject({ created: true });
    },
  },
  {
    title: 'paths, methods and media types that the server does not have are told apart',
    async run({ client, namespace }, expect) {
      const at = (method: 'GET' | 'PUT' | 'PATCH', path: string, body?: string): ReturnType<typeof refusal> =>
        refusal(client.request({ method, path, ...(body !== undefined && { body }) }));
      expect(await at('GET', '/apis/nobody.example/v1/things')).toMatchObject({ code: 'UNKNOWN_KIND', status: 404 });
      expect(await at('GET', `/api/v1/namespaces/${namespace}/things`)).toMatchObject({
        code: 'UNKNOWN_KIND',
        status: 404,
      });
      expect(await at('GET', `/api/v1/namespaces/${namespace}/configmaps/a`)).toMatchObject({
        code: 'NOT_FOUND',
        status: 404,
      });
      expect(await at('PUT', '/api/v1/namespaces', '{}')).toMatchObject({ code: 'UNSUPPORTED', status: 405 });
      expect(await at('PATCH', `/api/v1/namespaces/${namespace}`, '{}')).toMatchObject({
        code: 'UNSUPPORTED',
        status: 415,
      });
      expect(await refusal(client.request({ method: 'GET', path: 'version' }))).toMatchObject({ code: 'INVALID' });
    },
  },
  {
    title: 'anything else can be asked for as it stands',
    async run({ client }, expect) {
      const { status, body, headers } = await client.request({ method: 'GET', path: '/version' });
      expect(status).toBe(200);
      expect(headers['content-type']?.startsWith('application/json')).toBe(true);
      expect(typeof (JSON.parse(body) as { readonly gitVersion: unknown }).gitVersion).toBe('string');
    },
  },
  {
    title: 'a version of the future is UNAVAILABLE with the time to wait; a caller in a hurry gets TIMEOUT',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const future = { namespace, resourceVersion: '999999999999' };
      const impatient = refusal(all(client.list(resource, { ...future, timeoutMs: 300 })));
      const patient = refusal(all(client.list(resource, future)));
      expect(await impatient).toMatchObject({ code: 'TIMEOUT', retry: 'backoff' });
      expect(await patient).toMatchObject({ code: 'UNAVAILABLE', status: 504, retry: { afterMs: 1000 } });
    },
  },
];

/** A webhook takes effect a moment after it was created. */
async function untilRefused(call: () => Promise<unknown>): ReturnType<typeof refusal> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    const accepted = await call().then(
      () => true,
      () => false,
    );
    if (!accepted) return refusal(call());
  }
  throw new Error('the call is still not refused after half a minute');
}

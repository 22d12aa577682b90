import { expect, test } from 'vitest';
import { classify } from '@homeostat/apply';
import type { OutcomeCode } from '@homeostat/apply';
import { mayNotWrite } from '../src/classify.ts';
import { KubeError } from '@homeostat/kube';
import type { KubeErrorCode, StatusCause } from '@homeostat/kube';

function cause(field: string, message: string, reason = 'FieldValueInvalid'): StatusCause {
  return { field, message, reason };
}

function codeOf(code: KubeErrorCode, answer = '', causes: readonly StatusCause[] = []): OutcomeCode {
  return classify(new KubeError(code, answer, { answer, causes })).code;
}

test('every error has exactly one code, and whether trying again can help', () => {
  const codes: Record<KubeErrorCode, OutcomeCode> = {
    CONFLICT: 'conflict',
    STALE: 'stale',
    ALREADY_EXISTS: 'stale',
    NOT_FOUND: 'stale',
    INVALID: 'invalid',
    UNSUPPORTED: 'invalid',
    FORBIDDEN: 'denied',
    IMPERSONATION: 'forbidden',
    UNAUTHORIZED: 'forbidden',
    CREDENTIALS: 'forbidden',
    KUBECONFIG: 'forbidden',
    UNKNOWN_KIND: 'not-found-kind',
    MISSING_NAMESPACE: 'missing-namespace',
    TERMINATING: 'terminating',
    THROTTLED: 'throttled',
    WEBHOOK: 'webhook',
    UNAVAILABLE: 'unavailable',
    UNREACHABLE: 'unavailable',
    PROTOCOL: 'unavailable',
    GONE: 'unavailable',
    TIMEOUT: 'timeout',
    CANCELLED: 'cancelled',
  };
  for (const [code, expected] of Object.entries(codes)) expect(codeOf(code as KubeErrorCode), code).toBe(expected);
  expect(classify(new KubeError('INVALID', '')).retry).toBe('never');
  expect(classify(new KubeError('UNAVAILABLE', '')).retry).toBe('backoff');
  expect(classify(new KubeError('THROTTLED', '', { retry: { afterMs: 3_000 } })).retry).toEqual({ afterMs: 3_000 });
});

test.each([
  ['spec.selector', 'Invalid value: {"matchLabels":{"app":"b"}}: field is immutable'],
  ['spec.clusterIPs[0]', 'Invalid value: ["10.0.0.2"]: may not change once set'],
  ['data', 'Forbidden: field is immutable when `immutable` is set'],
  [
    'spec',
    'Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  ],
  ['spec.persistentvolumesource', 'Forbidden: spec.persistentvolumesource is immutable after creation'],
  ['spec', 'Forbidden: pod updates may not change fields other than `spec.containers[*].image`'],
  ['spec', 'Forbidden: updates to statefulset spec for fields other than `replicas` are forbidden'],
  ['value', 'Forbidden: may not be changed in an update.'],
  ['spec.im', 'Invalid value: "string": im is immutable'],
  ['spec.im', 'Invalid value: "string": failed rule: self == oldSelf'],
])('a cause at %s that says %s is immutable', (field, message) => {
  expect(codeOf('INVALID', '', [cause(field, message)])).toBe('immutable');
});

test('the word in a refused value, in metadata, or in a cause without a field does not make it immutable', () => {
  expect(codeOf('INVALID', '', [cause('spec.mode', 'Unsupported value: "immutable": supported values: "a"')])).toBe(
    'invalid',
  );
  expect(codeOf('INVALID', '', [cause('metadata.name', 'field is immutable')])).toBe('invalid');
  expect(codeOf('INVALID', '', [cause('', 'field is immutable')])).toBe('invalid');
  expect(
    codeOf('INVALID', '', [
      cause(
        'spec.strategy.rollingUpdate',
        "Forbidden: may not be specified when strategy type is 'Recreate'",
        'FieldValueForbidden',
      ),
    ]),
  ).toBe('invalid');
});

test('what a policy or a webhook says is never taken for the server’s own words', () => {
  const policy = `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: data.im is immutable`;
  expect(codeOf('INVALID', policy, [cause('data.im', policy)])).toBe('denied');
  expect(
    codeOf('INVALID', `ValidatingAdmissionPolicy 'p' denied request: field is immutable`, [
      cause('x', 'field is immutable'),
    ]),
  ).toBe('denied');
  expect(codeOf('FORBIDDEN', 'admission webhook "w.example.com" denied the request: User "x" cannot do this')).toBe(
    'denied',
  );
});

test('a missing right is forbidden; every other 403 comes from admission', () => {
  expect(
    codeOf(
      'FORBIDDEN',
      'configmaps "a" is forbidden: User "someone" cannot patch resource "configmaps" in API group ""',
    ),
  ).toBe('forbidden');
  expect(
    codeOf(
      'FORBIDDEN',
      'roles.rbac.authorization.k8s.io "r" is forbidden: user "x" (groups=["y"]) is attempting to grant RBAC permissions not currently held:',
    ),
  ).toBe('forbidden');
  expect(
    codeOf('FORBIDDEN', 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'),
  ).toBe('denied');
  expect(codeOf('FORBIDDEN', 'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged')).toBe(
    'denied',
  );
  expect(codeOf('FORBIDDEN', 'create not allowed while custom resource definition is terminating')).toBe('terminating');
});

test('only a missing right to the request itself may be answered by a look', () => {
  const mayNot = (code: KubeErrorCode, answer: string): boolean => mayNotWrite(new KubeError(code, answer, { answer }));
  expect(mayNot('FORBIDDEN', 'configmaps "a" is forbidden: User "x" cannot patch resource "configmaps"')).toBe(true);
  expect(
    mayNot('FORBIDDEN', 'roles "r" is forbidden: user "x" is attempting to grant RBAC permissions not currently held:'),
  ).toBe(false);
  expect(mayNot('FORBIDDEN', 'pods "a" is forbidden: exceeded quota: q')).toBe(false);
  expect(mayNot('UNAUTHORIZED', 'Unauthorized')).toBe(false);
});

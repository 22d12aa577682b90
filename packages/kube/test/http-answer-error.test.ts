import { describe, expect, test } from 'vitest';
import type { KubeErrorCode, RetryHint } from '@homeostat/kube';
import { errorOfAnswer } from '../src/http/answer-error.ts';
import type { RefusedAnswer } from '../src/http/answer-error.ts';

const asked = {
  doing: 'apply of ConfigMap demo/web at https://kube.example',
  ref: { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'web' },
};
const now = Date.parse('2026-11-25T10:00:00Z');

function status(
  code: number,
  message: string,
  reason = '',
  details: Record<string, unknown> = {},
  retryAfter?: string,
): RefusedAnswer {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details,
    code,
  });
  return { status: code, contentType: 'application/json', retryAfter, body };
}

function text(code: number, body: string, contentType = 'text/plain; charset=utf-8'): RefusedAnswer {
  return { status: code, contentType, retryAfter: undefined, body };
}

const conflict = 'Apply failed with 1 conflict: conflict with "m1": .data.a';
const cause = { reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.a' };
const modified =
  'Operation cannot be fulfilled on configmaps "e": the object has been modified; please apply your changes to the latest version and try again';
const terminating = {
  reason: 'NamespaceTerminating',
  message: 'namespace nsd is being terminated',
  field: 'metadata.namespace',
};

/** Answers of Kubernetes 1.37.2, as they were recorded. */
const recorded: readonly (readonly [string, RefusedAnswer, KubeErrorCode, RetryHint])[] = [
  ['a field of another manager', status(409, conflict, 'Conflict', { causes: [cause] }), 'CONFLICT', 'never'],
  [
    'an outdated resourceVersion',
    status(409, modified, 'Conflict', { name: 'e', kind: 'configmaps' }),
    'STALE',
    'never',
  ],
  [
    'a quota that was counted meanwhile',
    status(409, modified.replace('configmaps "e"', 'resourcequotas "q"'), 'Conflict', {
      name: 'q',
      kind: 'resourcequotas',
    }),
    'STALE',
    'backoff',
  ],
  [
    'a uid where nothing is',
    status(
      409,
      'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid aa, and no existing object was found',
      'Conflict',
      { name: 'x', kind: 'configmaps' },
    ),
    'STALE',
    'never',
  ],
  [
    'another uid',
    status(422, 'ConfigMap "x" is invalid: metadata.uid: Invalid value: "aa": field is immutable', 'Invalid', {
      name: 'x',
      kind: 'ConfigMap',
      causes: [
        { reason: 'FieldValueInvalid', message: 'Invalid value: "aa": field is immutable', field: 'metadata.uid' },
      ],
    }),
    'STALE',
    'never',
  ],
  [
    'a name that is taken',
    status(409, 'ws.ex.io "m" already exists', 'AlreadyExists', { name: 'm', group: 'ex.io', kind: 'ws' }),
    'ALREADY_EXISTS',
    'never',
  ],
  [
    'an immutable field',
    status(422, 'Job.batch "j" is invalid: spec.completions: Invalid value: 2: field is immutable', 'Invalid', {
      name: 'j',
      group: 'batch',
      kind: 'Job',
      causes: [
        { reason: 'FieldValueInvalid', message: 'Invalid value: 2: field is immutable', field: 'spec.completions' },
      ],
    }),
    'INVALID',
    'never',
  ],
  [
    'a field that the schema does not know',
    status(
      500,
      'failed to create typed patch object (ns/a; apps/v1, Kind=Deployment): .spec.zz: field not declared in schema',
    ),
    'INVALID',
    'never',
  ],
  [
    'an entry that is listed twice',
    status(
      500,
      'failed to create typed patch object (ns/p; /v1, Kind=Pod): .spec.containers[name="c"].env: duplicate entries for key [name="A"]',
    ),
    'INVALID',
    'never',
  ],
  [
    'a quantity that is none',
    status(
      500,
      'failed to convert new object (ns/p; /v1, Kind=Pod) to smd typed: quantities must match the regular expression',
    ),
    'INVALID',
    'never',
  ],
  [
    'an unreadable resourceVersion',
    status(500, 'strconv.ParseUint: parsing "abc": invalid syntax'),
    'INVALID',
    'never',
  ],
  [
    'a list item without its key',
    status(500, 'map: map[image:z] does not contain declared merge key: name'),
    'INVALID',
    'never',
  ],
  ['an object too large for etcd', status(500, 'etcdserver: request is too large'), 'INVALID', 'never'],
  [
    'a webhook that cannot be called',
    status(
      500,
      'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://w.d.svc:443/?timeout=10s": service "w" not found',
      'InternalError',
      { causes: [{ message: 'failed calling webhook' }] },
    ),
    'WEBHOOK',
    'backoff',
  ],
  [
    'a webhook that says no, with whatever code',
    status(500, 'admission webhook "w.example.com" denied the request: no'),
    'FORBIDDEN',
    'never',
  ],
  [
    'a policy that says no',
    status(
      422,
      "configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: data.im is immutable",
      'Invalid',
      {
        name: 'a',
        kind: 'configmaps',
        causes: [{ message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: data.im is immutable" }],
      },
    ),
    'INVALID',
    'never',
  ],
  [
    'a server without more to say',
    status(500, 'Internal error occurred: boom', 'InternalError'),
    'UNAVAILABLE',
    'backoff',
  ],
  ['bad JSON', status(400, 'the object provided is unrecognized', 'BadRequest'), 'INVALID', 'never'],
  [
    'no rights',
    status(403, 'configmaps "e" is forbidden: User "someone" cannot delete resource "configmaps"', 'Forbidden', {
      name: 'e',
      kind: 'configmaps',
    }),
    'FORBIDDEN',
    'never',
  ],
  [
    'no right to act as somebody else',
    status(
      403,
      'serviceaccounts "s" is forbidden: User "someone" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "d"',
      'Forbidden',
      { name: 's', kind: 'serviceaccounts' },
    ),
    'IMPERSONATION',
    'never',
  ],
  [
    'the same in the words of constrained impersonation',
    status(
      403,
      'configmaps "a" is forbidden: User "someone" cannot impersonate-on:serviceaccount:patch resource "configmaps" in API group "" in the namespace "d"',
      'Forbidden',
      { name: 'a', kind: 'configmaps' },
    ),
    'IMPERSONATION',
    'never',
  ],
  [
    'a service account that is still to come',
    status(
      403,
      'pods "p" is forbidden: error looking up service account d/s: serviceaccount "s" not found',
      'Forbidden',
      { name: 'p', kind: 'pods' },
    ),
    'FORBIDDEN',
    'backoff',
  ],
  [
    'a namespace that goes away',
    status(
      403,
      'configmaps "y" is forbidden: unable to create new content in namespace nsd because it is being terminated',
      'Forbidden',
      { name: 'y', kind: 'configmaps', causes: [terminating] },
    ),
    'TERMINATING',
    'backoff',
  ],
  ['no credentials', status(401, 'Unauthorized', 'Unauthorized'), 'UNAUTHORIZED', 'never'],
  [
    'an object that is not there',
    status(404, 'configmaps "a" not found', 'NotFound', { name: 'a', kind: 'configmaps' }),
    'NOT_FOUND',
    'never',
  ],
  [
    'a namespace that is not there',
    status(404, 'namespaces "nosuch" not found', 'NotFound', { name: 'nosuch', kind: 'namespaces' }),
    'MISSING_NAMESPACE',
    'backoff',
  ],
  [
    'an unknown plural of a built-in group',
    status(404, 'the server could not find the requested resource', 'NotFound', {}),
    'UNKNOWN_KIND',
    'backoff',
  ],
  ['an unknown group', text(404, '404 page not found\n'), 'UNKNOWN_KIND', 'backoff'],
  [
    'a wrong method',
    status(405, 'the server does not allow this method on the requested resource', 'MethodNotAllowed'),
    'UNSUPPORTED',
    'never',
  ],
  ['a wrong media type', status(415, '415: Unsupported Media Type', 'UnsupportedMediaType'), 'UNSUPPORTED', 'never'],
  [
    'a body of more than 3 MiB',
    status(413, 'Request entity too large: limit is 3145728', 'RequestEntityTooLarge'),
    'UNSUPPORTED',
    'never',
  ],
  [
    'an expired continue token',
    status(410, 'The provided continue parameter is too old to display a consistent list result.', 'Expired'),
    'GONE',
    'never',
  ],
  [
    'a kind that is being initialized',
    status(429, 'storage is (re)initializing', 'TooManyRequests', { retryAfterSeconds: 1 }),
    'THROTTLED',
    { afterMs: 1000 },
  ],
  [
    'too many requests, with seconds to wait',
    status(429, 'too many requests', 'TooManyRequests', {}, '7'),
    'THROTTLED',
    { afterMs: 7000 },
  ],
  [
    'too many requests, with a date',
    status(429, 'too many requests', 'TooManyRequests', {}, 'Wed, 25 Nov 2026 10:00:03 GMT'),
    'THROTTLED',
    { afterMs: 3000 },
  ],
  ['too many requests, and no more', text(429, 'Too many requests, please try again later.\n'), 'THROTTLED', 'backoff'],
  [
    'a resourceVersion of the future',
    status(504, 'Timeout: Too large resource version: 99999999, current: 953', 'Timeout', {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),
    'UNAVAILABLE',
    { afterMs: 1000 },
  ],
  ['an API service that is down', text(503, 'service unavailable\n'), 'UNAVAILABLE', 'backoff'],
  [
    'a load balancer without servers',
    text(502, '<html><body>Bad Gateway</body></html>', 'text/html'),
    'UNAVAILABLE',
    'backoff',
  ],
  ['a login page', text(302, '<html>log in</html>', 'text/html'), 'PROTOCOL', 'never'],
  [
    'plain HTTP where TLS is spoken',
    text(400, 'Client sent an HTTP request to an HTTPS server.\n'),
    'PROTOCOL',
    'never',
  ],
  ['a page of another server', text(404, '<html>not here</html>', 'text/html'), 'PROTOCOL', 'never'],
  ['broken JSON', text(500, '{"kind":"Sta', 'application/json'), 'UNAVAILABLE', 'backoff'],
];

describe('answers that are no success', () => {
  test.each(recorded)('%s', (_what, answer, code, retry) => {
    const error = errorOfAnswer(answer, asked, now);
    expect({ code: error.code, retry: error.retry }).toEqual({ code, retry });
    expect(error).toMatchObject({ status: answer.status, ref: asked.ref });
    // What, where, and the next step.
    expect(error.message).toMatch(
      /^apply of ConfigMap demo\/web at https:\/\/kube\.example was refused \(HTTP \d+\): [^;]+.*; .+/s,
    );
  });

  test('keep reason, causes and the words of the server', () => {
    const error = errorOfAnswer(status(409, conflict, 'Conflict', { causes: [cause] }), asked, now);
    expect(error).toMatchObject({ reason: 'Conflict', causes: [cause], answer: conflict });
    expect(error.message).toContain(
      'conflict with "m1": .data.a; leave these fields to their managers, or apply with force',
    );
  });

  test('name the webhook that is down and the entry that is doubled', () => {
    const words = (answer: RefusedAnswer): string => errorOfAnswer(answer, asked, now).message;
    expect(words(status(500, 'Internal error occurred: failed calling webhook "w.example.com": refused'))).toMatch(
      /; repair or remove the webhook "w\.example\.com"$/,
    );
    expect(
      words(
        status(500, 'failed to create typed patch object (a/b; v1, Kind=X): .x: duplicate entries for key [name="A"]'),
      ),
    ).toMatch(/; remove the entry that is listed twice$/);
  });

  test('show no web page', () => {
    expect(errorOfAnswer(text(404, '<html>secret</html>', 'text/html'), asked, now).message).not.toContain('secret');
  });
});

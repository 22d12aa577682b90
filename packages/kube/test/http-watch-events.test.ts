import { describe, expect, test } from 'vitest';
import { readWatchEvent } from '../src/http/watch-events.ts';

const asked = { doing: 'watch of configmaps at https://kube.example' };
const object = {
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'a', namespace: 'demo', uid: 'u1', resourceVersion: '12' },
  data: { k: '1' },
};

function read(event: unknown): unknown {
  return readWatchEvent(typeof event === 'string' ? event : JSON.stringify(event), asked);
}

describe('a line of a watch', () => {
  test('brings the object of a change, and only the identity of what is deleted', () => {
    expect(read({ type: 'ADDED', object })).toEqual({ type: 'ADDED', object });
    expect(read({ type: 'MODIFIED', object })).toEqual({ type: 'MODIFIED', object });
    expect(read({ type: 'DELETED', object })).toEqual({
      type: 'DELETED',
      ref: { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'a' },
      uid: 'u1',
      resourceVersion: '12',
    });
  });

  test('tells a bookmark, and the one that ends the first events', () => {
    const bookmark = (annotations?: Record<string, string>): unknown =>
      read({
        type: 'BOOKMARK',
        object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '964', annotations } },
      });
    expect(bookmark()).toEqual({ type: 'BOOKMARK', resourceVersion: '964', initialEventsEnd: false });
    expect(bookmark({ 'k8s.io/initial-events-end': 'true' })).toMatchObject({ initialEventsEnd: true });
  });

  test('that is an ERROR throws what it stands for', () => {
    const error = (code: number, message: string, reason: string): unknown =>
      read({ type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code } });
    expect(() => error(410, 'too old resource version: 1 (448)', 'Expired')).toThrow(
      expect.objectContaining({ code: 'GONE', status: 410, reason: 'Expired' }),
    );
    expect(() => error(500, 'etcd is away', 'InternalError')).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', retry: 'backoff' }),
    );
  });

  test.each([
    '{"type":"ADD',
    '[]',
    '{"type":"ADDED"}',
    '{"type":"NEWS","object":{"metadata":{"resourceVersion":"1"}}}',
    '{"type":"ADDED","object":{}}',
  ])('that is none is PROTOCOL: %s', (line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'PROTOCOL', retry: 'backoff' }));
  });
});

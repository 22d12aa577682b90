import type { ControlPlane } from './control-plane/start.ts';

/** Makes the server forget what was before a version; by default everything up to now. */
export type ForgetHistory = (resourceVersion?: string) => Promise<void>;

/** The in-memory server is told over a port of its own; a real one forgets what etcd forgets. */
export async function forgetHistory(plane: ControlPlane, resourceVersion?: string): Promise<void> {
  if (plane.forget !== undefined) {
    await fetch(plane.forget, { method: 'POST' });
    return;
  }
  // etcd listens on the port after the API server's, without TLS, on the loopback (test/control-plane/up).
  const etcd = `http://127.0.0.1:${Number(new URL(plane.server).port) + 1}/v3/kv`;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> =>
    (await (await fetch(`${etcd}/${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as Record<
      string,
      unknown
    >;
  const latest = async (): Promise<string> => {
    const { header } = (await post('range', { key: 'AA==', limit: 1 })) as {
      readonly header: { readonly revision: string };
    };
    return header.revision;
  };
  const answer = await post('compaction', { revision: resourceVersion ?? (await latest()), physical: true });
  // Another test of this run may have been quicker.
  const message = typeof answer['message'] === 'string' ? answer['message'] : '';
  if (answer['code'] !== undefined && !message.includes('has been compacted')) throw new Error(`etcd: ${message}`);
}

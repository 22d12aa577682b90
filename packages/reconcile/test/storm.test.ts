import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createApiServer } from '@homeostat/apiserver';
import type { ServedRequest } from '@homeostat/apiserver';
import type { CacheEvent } from '@homeostat/cache';
import { createDirectorySource } from '@homeostat/git';
import { setIdentity } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import { expect, onTestFinished, test } from 'vitest';

const MEMBERS = 100;
const CHANGES = 3_000;
const IN_FLIGHT = 16;

const nameOf = (n: number): string => `c${String(n).padStart(3, '0')}`;
const refOf = (n: number): Ref => ({ group: '', kind: 'ConfigMap', namespace: 'default', name: nameOf(n) });

test(
  'a storm of foreign changes costs no request, fills no queue, and does not hold up a repair',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'homeostat-storm-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const manifest = (n: number): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${nameOf(n)} }\ndata: { ours: '1' }\n`;
    await writeFile(join(folder, 'all.yaml'), Array.from({ length: MEMBERS }, (_, n) => manifest(n)).join('---\n'));

    const served: ServedRequest[] = [];
    await using server = await createApiServer({ controllers: false, onRequest: (request) => served.push(request) });
    const other = server.client({ userAgent: 'other' });
    const sync = defineSync({ namespace: 'default', name: 'site' });
    const source = createDirectorySource(folder);
    const ports = createPorts(sync, { client: server.client({ userAgent: 'engine' }), source });
    const loop = createLoop(sync, ports);
    const running = loop.run();
    onTestFinished(async () => {
      await loop.stop();
      await running;
      await ports.live.close();
    });
    await expect.poll(() => loop.report?.state, { timeout: 20_000 }).toBe('Ready');
    await expect.poll(() => ports.memory.parent?.report?.state, { timeout: 20_000 }).toBe('Ready');

    const slow = ports.live.events({ buffer: 10 });
    served.length = 0;
    let next = 0;
    const change = async (): Promise<void> => {
      for (let n = next++; n < CHANGES; n = next++) {
        if (n === CHANGES / 2)
          await other.patch(refOf(0), { type: 'merge', value: { data: { ours: 'not' } } }, { manager: 'other' });
        const value = { metadata: { annotations: { 'example.com/seen': String(n) } } };
        await other.patch(refOf(1 + (n % (MEMBERS - 1))), { type: 'merge', value }, { manager: 'other' });
        // Writers, server and engine share this thread.
        await setImmediate();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, change));
    const last = (await other.get(refOf(1 + ((CHANGES - 1) % (MEMBERS - 1)))))?.metadata.resourceVersion ?? '';
    await ports.live.seen(refOf(0), last, { signal: AbortSignal.timeout(20_000) });
    await expect.poll(async () => (await other.get(refOf(0)))?.['data'], { timeout: 20_000 }).toEqual({ ours: '1' });

    // The dry run and the apply of what had drifted, each of them told of the conflict first, and nothing else: no list, no look
    // at what others changed.
    const requests = served.map(({ userAgent, verb, name }) => ({ userAgent, verb, name }));
    const engine = requests.filter(({ userAgent, verb }) => userAgent === 'engine' && verb !== 'watch');
    expect(engine).toEqual(Array.from({ length: 4 }, () => ({ userAgent: 'engine', verb: 'apply', name: nameOf(0) })));
    // It was repaired in the middle of the storm, not after it.
    const repaired = requests.findLastIndex(({ userAgent, verb }) => userAgent === 'engine' && verb === 'apply');
    expect(requests.slice(repaired).filter(({ verb }) => verb === 'patch').length).toBeGreaterThan(CHANGES / 4);

    // Who does not read has lost what did not fit, and knows how much; nothing was kept for it.
    const unread: CacheEvent[] = [];
    for await (const event of slow) {
      unread.push(event);
      if (event.type === 'dropped') break;
    }
    expect(unread).toHaveLength(11);
    expect(unread.at(-1)).toEqual({ type: 'dropped', count: expect.any(Number) as number });
    expect(ports.live.members(setIdentity('default', 'site').id)).toHaveLength(MEMBERS);
  },
);

import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap } from '../draft.ts';
import { create, resourceOf, update } from '../controllers/writes.ts';
import type { Registry } from '../registry/registry.ts';

export const NODE = 'node-1';
export const NODE_IP = '192.168.0.1';

/** Makes the one node that there is, ready, and never full. */
export async function createNode(registry: Registry, version: string): Promise<KubeObject | undefined> {
  await create(registry, 'kubelet', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: NODE,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': NODE,
        'kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
  });
  const place = { resource: resourceOf(registry, '', 'Node'), key: NODE };
  // What the node life cycle does with a node that is ready.
  await update(registry, 'kube-controller-manager', place, (draft) => void delete ensureMap(draft, 'spec')['taints']);
  return update(
    registry,
    'kubelet',
    place,
    (draft) => void (draft['status'] = nodeStatus(version, timestamp(registry.clock.now()))),
    'status',
  );
}

const FINE: readonly (readonly [string, string, string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
];

function nodeStatus(version: string, now: string): DraftMap {
  const capacity = { cpu: '64', memory: '512Gi', 'ephemeral-storage': '1Ti', pods: '10k' };
  const condition = (type: string, status: string, reason: string, message: string): DraftMap => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      ...FINE.map(([type, reason, message]) => condition(type, 'False', reason, message)),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address: NODE_IP },
      { type: 'Hostname', address: NODE },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: 'simulated',
      osImage: 'simulated',
      containerRuntimeVersion: 'simulated://1',
      kubeletVersion: version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
}

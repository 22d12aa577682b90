import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlane } from '../support/control-plane/start.ts';
import type { Command } from './measure.ts';

/** What a contender is to make true. */
export interface Job {
  readonly plane: ControlPlane;
  /** Holds the manifests; they change between passes. */
  readonly folder: string;
  /** Of the set. */
  readonly name: string;
  /** Holds the parent of the set. */
  readonly namespace: string;
}

/** Something that makes a cluster equal to a folder, and prunes. */
export interface Contender {
  readonly name: string;
  /** What has to be there before, and is not measured. */
  prepare?(job: Job): Promise<void>;
  /** A fresh process that does one pass and ends. */
  once(job: Job): Command;
}

/** The command line as it is built, and the engine embedded in a process that stays. */
export const homeostat: Contender & {
  /** See `StayingProcess` for what it says and hears. */
  stay: (job: Job, validate?: 'server' | 'none') => Command;
} = {
  name: 'homeostat',
  once: (job) => syncOnce(job, 'server'),
  stay: ({ plane: { kubeconfig }, folder, name, namespace }, validate = 'server') => {
    const script = join(import.meta.dirname, 'staying-engine.mjs');
    return {
      command: process.execPath,
      args: ['--max-semi-space-size=8', script, kubeconfig, folder, namespace, name, validate],
    };
  },
};

/** The same without the dry run that validates each changed object before anything is written. */
export const unvalidated: Contender = {
  name: 'homeostat, validate: none',
  once: (job) => syncOnce(job, 'none'),
};

function syncOnce({ plane, folder, name, namespace }: Job, validate: 'server' | 'none'): Command {
  const file = `${folder}-sync.json`;
  // Nothing becomes ready without controllers, so nothing is waited for.
  const policy = { validate, wait: false };
  writeFileSync(file, JSON.stringify({ name, namespace, source: { url: folder, directory: true }, policy }));
  const main = join(import.meta.dirname, '../../packages/cli/dist/main.js');
  // As a program of its own: its first line says how Node is started.
  return { command: main, args: ['sync', '-f', file, '--once', '--kubeconfig', plane.kubeconfig] };
}

/**
 * The peer: server-side apply and ApplySet pruning as kubectl does it. Its parent is a cluster-scoped object, the only kind
 * with which kubectl lets a set reach over several namespaces; kubectl wants it to be there.
 */
export const kubectl: Contender = {
  name: 'kubectl',
  async prepare({ plane, name }) {
    await apply(plane, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: 'sets.bench.example.com',
        labels: { 'applyset.kubernetes.io/is-parent-type': 'true' },
      },
      spec: {
        group: 'bench.example.com',
        names: { kind: 'Set', plural: 'sets' },
        scope: 'Cluster',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    });
    await run(plane, ['wait', '--for=condition=Established', 'crd/sets.bench.example.com']);
    const hash = createHash('sha256').update(`${name}..Set.bench.example.com`).digest('base64url');
    await apply(plane, {
      apiVersion: 'bench.example.com/v1',
      kind: 'Set',
      metadata: {
        name,
        labels: { 'applyset.kubernetes.io/id': `applyset-${hash}-v1` },
        annotations: {
          'applyset.kubernetes.io/tooling': 'kubectl/v1',
          'applyset.kubernetes.io/contains-group-kinds': '',
        },
      },
    });
  },
  once({ plane, folder, name }) {
    const set = ['--prune', `--applyset=sets.bench.example.com/${name}`];
    return {
      command: plane.kubectl,
      args: [...connection(plane), 'apply', '--server-side', ...set, '--recursive', '-f', folder],
      env: { KUBECTL_APPLYSET: 'true' },
    };
  },
};

async function apply(plane: ControlPlane, object: object): Promise<void> {
  await run(plane, ['apply', '--server-side', '-f', '-'], JSON.stringify(object));
}

async function run(plane: ControlPlane, args: readonly string[], input = ''): Promise<void> {
  const running = promisify(execFile)(plane.kubectl, [...connection(plane), ...args]);
  running.child.stdin?.end(input);
  await running;
}

/** Its cache of discovery lives as long as the control plane. */
function connection({ kubeconfig }: ControlPlane): readonly string[] {
  return ['--kubeconfig', kubeconfig, '--cache-dir', join(dirname(kubeconfig), 'kubectl-cache')];
}

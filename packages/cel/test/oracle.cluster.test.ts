import { randomBytes } from 'node:crypto';
import { refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { expect, vi } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { expressions, object } from './expressions.ts';
import type { Verdict } from './expressions.ts';

/** Warnings of one answer are cut off at 4 KiB. */
const AT_A_TIME = 15;
const END = 'the end of the policy';
const API = 'admissionregistration.k8s.io/v1';

cluster.test('a policy of a real API server has the recorded verdict on every expression', async ({ client }) => {
  const group = `${randomBytes(4).toString('hex')}.cel.test`;
  const made: KubeObject[] = [];
  const make = async (one: KubeObject): Promise<void> => {
    await client.create(one);
    made.push(one);
  };
  try {
    await make(kindOf(group));
    const found = new Map<string, Verdict>();
    const sound: string[] = [];
    for (const [, expression] of expressions) {
      if (await isRefused(client, policy('tried', group, '', [{ expression }]))) found.set(expression, 'refused');
      else sound.push(expression);
    }
    const batches = Array.from({ length: Math.ceil(sound.length / AT_A_TIME) }, (_, index) => ({
      name: `b${index}.${group}`,
      part: sound.slice(index * AT_A_TIME, (index + 1) * AT_A_TIME),
    }));
    for (const { name, part } of batches) {
      const rules = part.map((expression, index) => ({ expression, message: `rule ${index} is false` }));
      await make(policy(name, group, name, [...rules, { expression: 'false', message: END }]));
      await make(binding(name));
    }
    await client.resources({ refresh: true });
    for (const { name, part } of batches) {
      const warnings = await vi.waitFor(() => ask(client, group, name), { timeout: 20_000, interval: 100 });
      for (const [index, expression] of part.entries()) {
        const failed = warnings.some((warning) => warning.endsWith(`rule ${index} is false`));
        const wrong = warnings.some((warning) => warning.includes(`expression '${expression}' resulted in error`));
        found.set(expression, failed ? 'false' : wrong ? 'error' : 'true');
      }
    }
    expect(expressions.map(([, expression]) => [found.get(expression), expression])).toEqual(expressions);
  } finally {
    for (const one of made.toReversed()) await client.delete(refOf(one));
  }
});

async function isRefused(client: Client, one: KubeObject): Promise<boolean> {
  try {
    await client.create(one, { dryRun: true });
    return false;
  } catch {
    return true;
  }
}

function kindOf(group: string): KubeObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

interface Rule {
  readonly expression: string;
  readonly message?: string;
}

function policy(name: string, group: string, batch: string, validations: readonly Rule[]): KubeObject {
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['CREATE'], resources: ['things'] }],
        objectSelector: { matchLabels: { batch } },
      },
      validations,
    },
  };
}

function binding(name: string): KubeObject {
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Warn'] },
  };
}

/** The warnings that a thing of this batch is created with, as soon as its policy is in force. */
async function ask(client: Client, group: string, batch: string): Promise<readonly string[]> {
  const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one', labels: { batch } }, ...object };
  const { warnings } = await client.create(thing, { dryRun: true });
  if (!warnings.some((warning) => warning.includes(END))) throw new Error('the policy is not in force yet');
  return warnings;
}

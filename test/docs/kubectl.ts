import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { refOf } from '@homeostat/kube';
import type { Client, KubeObject, Ref } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { parseYaml } from '@homeostat/render';
import type { Said } from './play.ts';

const KINDS: Readonly<Record<string, Pick<Ref, 'group' | 'kind'>>> = {
  configmap: { group: '', kind: 'ConfigMap' },
  deployment: { group: 'apps', kind: 'Deployment' },
  namespace: { group: '', kind: 'Namespace' },
};

/**
 * The few words of kubectl that the guide uses, for machines without it. Where there is a kubectl the guide is played with that
 * one, which shows whether this one says the same.
 */
export async function kubectl(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Said> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n', default: 'default' },
      filename: { type: 'string', short: 'f', default: '' },
      'field-manager': { type: 'string' },
      'server-side': { type: 'boolean', default: false },
      type: { type: 'string' },
      patch: { type: 'string', short: 'p', default: '' },
      output: { type: 'string', short: 'o', default: '' },
    },
  });
  const [verb = '', kind = '', name = ''] = positionals;
  const named = KINDS[kind];
  const ref: Ref = { group: '', kind, ...named, namespace: kind === 'namespace' ? '' : values.namespace, name };
  const writtenBy = (manager: string) => ({ manager: values['field-manager'] ?? manager });
  await using client = createClient(await loadKubeconfig({ env }));

  const run = async (): Promise<readonly string[]> => {
    switch (verb) {
      case 'create':
        await client.create({ apiVersion: 'v1', kind: ref.kind, metadata: { name } }, writtenBy('kubectl-create'));
        return [`${printShort(ref)} created`];
      case 'apply':
        return await Promise.all(
          (await objectsOf(values.filename, values.namespace)).map(async (object) => {
            if (!values['server-side']) return createdByApply(client, object);
            await client.apply(object, writtenBy('kubectl'));
            return `${printShort(refOf(object))} serverside-applied`;
          }),
        );
      case 'patch': {
        const value = JSON.parse(values.patch) as Record<string, unknown>;
        await client.patch(ref, { type: 'merge', value }, writtenBy('kubectl-patch'));
        return [`${printShort(ref)} patched`];
      }
      case 'delete':
        await client.delete(ref);
        return [`${printShort(ref)} deleted from ${values.namespace} namespace`.replace(/\/(\S+)/, ' "$1"')];
      case 'get': {
        const path = /^jsonpath=\{(.*)\}$/.exec(values.output)?.[1] ?? '';
        const value = valueAt(await client.get(ref), path.split('.').slice(1));
        return [typeof value === 'string' ? value : JSON.stringify(value)];
      }
      default:
        throw new Error(`nobody plays: kubectl ${args.join(' ')}`);
    }
  };
  return { code: 0, text: (await run()).map((line) => `${line}\n`).join('') };
}

/** As the first `kubectl apply` of an object does it. */
async function createdByApply(client: Client, object: KubeObject): Promise<string> {
  const annotations = {
    ...object.metadata.annotations,
    'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(object)}\n`,
  };
  const marked: KubeObject = { ...object, metadata: { ...object.metadata, annotations } };
  await client.create(marked, { manager: 'kubectl-client-side-apply' });
  return `${printShort(refOf(object))} created`;
}

async function objectsOf(path: string, namespace: string): Promise<readonly KubeObject[]> {
  return parseYaml(await readFile(path, 'utf8')).documents.map(({ value }) => {
    const object = value as KubeObject;
    return { ...object, metadata: { namespace, ...object.metadata } };
  });
}

function printShort({ group, kind, name }: Ref): string {
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;
}

function valueAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  return key === undefined ? value : valueAt((value as Record<string, unknown> | undefined)?.[key], rest);
}

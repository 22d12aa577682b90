import { customResourceOf } from '../../src/custom/custom-resource.ts';
import type { CustomResource } from '../../src/custom/custom-resource.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { ask } from './support.ts';

type Plane = Parameters<typeof ask>[0];

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Creates the CRDs on the real server, waits until their objects can be created, and deletes them at the end. */
export async function withResources(
  plane: Plane,
  resources: readonly { readonly crd: DraftMap; readonly resource: CustomResource }[],
  use: (resources: readonly CustomResource[]) => Promise<void>,
): Promise<void> {
  try {
    for (const { crd } of resources) {
      const answer = await ask(plane, 'POST', CRDS, crd);
      if (answer.code !== 201) throw new Error(JSON.stringify(answer.body));
    }
    for (const { resource } of resources)
      for (const version of resource.versions) await listed(plane, resource, version.name);
    await use(resources.map(({ resource }) => resource));
  } finally {
    for (const { resource } of resources) {
      await ask(plane, 'DELETE', `${CRDS}/${resource.names.plural}.${resource.group}`);
    }
  }
}

async function listed(plane: Plane, { group, names }: CustomResource, version: string): Promise<void> {
  const until = Date.now() + 20_000;
  for (;;) {
    const answer = await ask(plane, 'GET', `/apis/${group}/${version}/${names.plural}`);
    if (answer.code === 200) return;
    if (Date.now() > until) throw new Error(`${names.plural}.${group} is not served: ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Gives the definition another schema. */
export async function tighten(
  plane: Plane,
  path: string,
  schema: DraftMap,
): Promise<{ readonly resource: CustomResource }> {
  for (;;) {
    const { body } = await ask(plane, 'GET', path);
    const crd = structuredClone(body) as Draft & { spec: { versions: DraftMap[] } };
    const [version] = crd.spec.versions;
    if (version !== undefined) version['schema'] = { openAPIV3Schema: schema };
    const answer = await ask(plane, 'PUT', path, crd);
    // The server's own controllers write to it too.
    if (answer.code === 200) return { resource: customResourceOf(answer.body as Draft) };
    if (answer.code !== 409) throw new Error(JSON.stringify(answer.body));
  }
}

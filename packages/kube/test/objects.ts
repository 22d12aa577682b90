import type { KubeObject } from '@homeostat/kube';

type Fields = Readonly<Record<string, unknown>>;

/** `object('apps/v1 Deployment demo/web', { spec })`; without a namespace `object('v1 Namespace demo')`. */
export function object(title: string, fields: Fields = {}, metadata: Fields = {}): KubeObject {
  const [apiVersion = '', kind = '', where = ''] = title.split(' ');
  const [first = '', second] = where.split('/');
  const name = second ?? first;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(second !== undefined && { namespace: first }), ...metadata },
    ...fields,
  };
}

export function annotated(
  title: string,
  annotations: Readonly<Record<string, string>>,
  fields: Fields = {},
): KubeObject {
  return object(title, fields, { annotations });
}

import type { Connection, ClusterOptions } from './connect.ts';

/** Options of a command about a set that is there already. */
export interface SetOptions extends ClusterOptions {
  readonly name: string;
  readonly namespace?: string;
}

export function setOf(
  { name, namespace }: SetOptions,
  { config }: Connection,
): { readonly namespace: string; readonly name: string } {
  return { namespace: namespace ?? config.namespace ?? 'default', name };
}

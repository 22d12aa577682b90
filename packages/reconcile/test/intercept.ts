import type { Client, KubeObject, Ref } from '@homeostat/kube';
import type { Process } from '../../../test/support/scenario.ts';

/** Lets something happen right before each request of these kinds that is no dry run, with the name of its object. */
export function before(
  { ports }: Process,
  verbs: readonly ('apply' | 'delete' | 'patch')[],
  act: (name: string) => Promise<unknown> | undefined,
): void {
  const whole = ports.actor;
  const intercepted =
    (verb: 'apply' | 'delete' | 'patch') =>
    async (...call: readonly unknown[]): Promise<unknown> => {
      const [what] = call as [KubeObject | Ref];
      const { dryRun = false } = call.at(-1) as { readonly dryRun?: boolean };
      if (!dryRun) await act('metadata' in what ? what.metadata.name : what.name);
      return Reflect.apply(whole[verb], whole, call) as unknown;
    };
  const actor: Client = new Proxy(whole, {
    get: (target, key) => {
      const verb = verbs.find((one) => one === key);
      if (verb !== undefined) return intercepted(verb);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  Object.assign(ports, { actor });
}

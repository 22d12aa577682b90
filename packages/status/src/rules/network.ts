import type { Condition } from '../conditions.ts';
import { conditionsOf, explain, isTrue } from '../conditions.ts';
import { field, items, text } from '../fields.ts';
import type { Status } from '../status.ts';
import { current, inProgress } from '../status.ts';
import type { Rule } from '../subject.ts';

export const service: Rule = ({ object, strict }) => {
  if (text(object, 'spec', 'type') !== 'LoadBalancer') return current('Serving', 'the Service is ready');
  if (text(object, 'spec', 'clusterIP') === '') return inProgress('NoIPAssigned', 'the Service has no cluster IP yet');
  if (strict && !hasLoadBalancer(object)) {
    return inProgress(
      'NoLoadBalancer',
      'no load balancer has been assigned yet (status.loadBalancer.ingress is empty)',
    );
  }
  return current('Serving', 'the Service is ready');
};

/** Strict only. Without a class no controller is named that could ever publish an address. */
export const ingress: Rule = ({ object }) => {
  const ingressClass =
    text(object, 'spec', 'ingressClassName') || text(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  if (ingressClass === '' || hasLoadBalancer(object)) return current('Serving', 'the Ingress is ready');
  return inProgress('NoLoadBalancer', `the controller of class "${ingressClass}" has published no address yet`);
};

function hasLoadBalancer(object: unknown): boolean {
  return items(object, 'status', 'loadBalancer', 'ingress').length > 0;
}

/** Strict only. Gateway API: `Accepted` (GatewayClass). */
export const gatewayClass: Rule = ({ conditions }) => everyCondition(conditions, ['Accepted'], '');

/** Strict only. Gateway API: `Accepted` and `Programmed`. */
export const gateway: Rule = ({ conditions }) => everyCondition(conditions, ['Accepted', 'Programmed'], '');

/** Strict only. Gateway API: a route keeps one list of conditions per parent; every parent that it names must accept it. */
export const gatewayRoute: Rule = ({ object, generation }) => {
  const parents = items(object, 'status', 'parents');
  if (parents.length < Math.max(1, distinctParents(object))) {
    return inProgress('NoParent', 'not every parent of the route has answered yet');
  }
  for (const parent of parents) {
    const where = ` by ${text(parent, 'parentRef', 'name')}`;
    const verdict = everyCondition(conditionsOf(parent, generation), ['Accepted'], where);
    if (verdict.state !== 'Current') return verdict;
  }
  return current('Accepted', 'every parent accepts the route');
};

function distinctParents(object: unknown): number {
  return new Set(items(object, 'spec', 'parentRefs').map((parent) => JSON.stringify(field(parent, 'name')))).size;
}

function everyCondition(conditions: readonly Condition[], types: readonly string[], where: string): Status {
  for (const type of types) {
    const condition = conditions.find((one) => one.type === type);
    if (condition === undefined || condition.stale) return inProgress('NotObserved', `not ${type}${where} yet`);
    if (!isTrue(condition)) {
      return inProgress(
        condition.reason || `Not${type}`,
        `not ${type}${where}: ${explain(condition, condition.status)}`,
      );
    }
  }
  return current(types.at(-1) ?? 'Ready', `${types.join(' and ')}${where}`);
}

import type { FaultSubject } from '../http/faults.ts';
import { isDryRun, nameOf, resourceNameOf } from '../http/request-content.ts';
import { listOf, VERBS_OF } from './rule.ts';
import type { FaultRule, FaultVerb } from './rule.ts';

/** Whether a rule is for a request, whatever its limits say. */
export function matches(rule: FaultRule, subject: FaultSubject): boolean {
  const { info, user } = subject;
  const verb = info.type === 'path' ? 'discovery' : subject.verb;
  const possible: readonly FaultVerb[] | undefined = VERBS_OF[rule.fault];
  if (possible !== undefined && !possible.includes(verb as FaultVerb)) return false;
  if (!isOne(rule.verb, verb) || !isOne(rule.user, user.name)) return false;
  if (info.type === 'path') {
    const { resource, subresource, namespace, name, dryRun } = rule;
    return [resource, subresource, namespace, name, dryRun].every((wanted) => wanted === undefined);
  }
  const { resource, namespace, subresource } = info;
  return (
    (isOne(rule.resource, resource) || isOne(rule.resource, resourceNameOf(info))) &&
    isOne(rule.namespace, namespace) &&
    isOne(rule.subresource, subresource) &&
    (rule.name === undefined || isOne(rule.name, nameOf(subject))) &&
    (rule.dryRun === undefined || rule.dryRun === isDryRun(subject))
  );
}

function isOne(wanted: string | readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || listOf(wanted).includes(value);
}

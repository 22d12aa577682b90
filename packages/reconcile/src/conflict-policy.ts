import { TOOLS } from '@homeostat/apply';
import type { ConflictPolicy, ToolName } from '@homeostat/apply';
import type { Policy } from './sync.ts';

/** How fields of others are treated, as the apply package puts it. */
export function conflictPolicyOf(policy: Policy): ConflictPolicy {
  const tools = policy.adoptFrom.flatMap((source) => (source in TOOLS ? [TOOLS[source as ToolName]] : []));
  return {
    mode: policy.conflicts === 'auto' ? 'default' : policy.conflicts,
    adoptFrom: tools.flatMap(({ managers }) => managers),
    marks: tools.flatMap(({ marks }) => marks),
  };
}

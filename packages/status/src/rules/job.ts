import { explain, isTrue } from '../conditions.ts';
import { count, field, text } from '../fields.ts';
import { current, failed, inProgress } from '../status.ts';
import type { Rule } from '../subject.ts';

export const job: Rule = ({ object, conditions, strict }) => {
  for (const condition of conditions) {
    if (!isTrue(condition)) continue;
    if (condition.type === 'Complete') return current('JobComplete', 'the Job has completed');
    if (condition.type === 'Failed') return failed('JobFailed', explain(condition, 'the Job has failed'));
    if (condition.type === 'Suspended' && field(object, 'spec', 'suspend') === true) {
      return current('JobSuspended', 'the Job is suspended (spec.suspend)');
    }
  }
  if (text(object, 'status', 'startTime') === '') return inProgress('JobNotStarted', 'the Job has not started yet');
  const counts = `active ${count(object, 'status', 'active')}, succeeded ${count(object, 'status', 'succeeded')}, failed ${count(object, 'status', 'failed')}`;
  return strict
    ? inProgress('JobRunning', `the Job is running: ${counts}`)
    : current('JobInProgress', `the Job is running: ${counts}`);
};

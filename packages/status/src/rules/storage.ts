import { text } from '../fields.ts';
import { current, failed, inProgress } from '../status.ts';
import type { Rule, Subject } from '../subject.ts';

/** The scheduler writes it when a Pod that uses the claim has been given a node. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export const persistentVolumeClaim: Rule = (subject) => {
  const { object, strict } = subject;
  const phase = text(object, 'status', 'phase');
  if (phase === 'Bound') return current('Bound', 'the claim is bound');
  if (strict && phase === 'Lost') return failed('ClaimLost', 'the volume that the claim was bound to is gone');
  if (strict && waitsForConsumer(subject)) {
    return current('WaitForFirstConsumer', 'the claim is bound as soon as a Pod uses it');
  }
  return inProgress('NotBound', `the claim is ${phase === '' ? 'not observed yet' : phase}, not Bound`);
};

/** The binding mode stands on the StorageClass only, so without `lookup` the claim just counts as not bound. */
function waitsForConsumer({ object, options }: Subject): boolean {
  const name = text(object, 'spec', 'storageClassName');
  if (name === '' || text(object, 'metadata', 'annotations', SELECTED_NODE) !== '') return false;
  const storageClass = options.lookup?.({ group: 'storage.k8s.io', kind: 'StorageClass', namespace: '', name });
  return text(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
}

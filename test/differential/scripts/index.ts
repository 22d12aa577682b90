import type { Script } from '../script.ts';
import { customScripts } from './custom.ts';
import { defaultScripts } from './defaults.ts';
import { deletionScripts } from './deletion.ts';
import { discoveryScripts } from './discovery.ts';
import { errorScripts } from './errors.ts';
import { kindScripts } from './kinds.ts';
import { listScripts } from './lists.ts';
import { managerScripts } from './managers.ts';
import { metadataScripts } from './metadata.ts';
import { namespaceScripts } from './namespaces.ts';
import { patchScripts } from './patches.ts';
import { recordedScripts } from './recorded.ts';
import { refusalScripts } from './refusals.ts';
import { subresourceScripts } from './subresources.ts';
import { tableScripts } from './tables.ts';
import { validationScripts } from './validation.ts';
import { watchScripts } from './watches.ts';

/** Every script that we wrote, in the order in which it is told. */
export function allScripts(): readonly Script[] {
  return [
    // First, while no other story's namespace is being deleted: the real server deletes one after the other.
    ...namespaceScripts(),
    ...kindScripts(),
    ...metadataScripts(),
    ...managerScripts(),
    ...listScripts(),
    ...watchScripts(),
    ...tableScripts(),
    ...patchScripts(),
    ...errorScripts(),
    ...validationScripts(),
    ...deletionScripts(),
    ...subresourceScripts(),
    ...discoveryScripts(),
    ...customScripts(),
    ...defaultScripts(),
    ...refusalScripts(),
    ...recordedScripts(),
  ];
}

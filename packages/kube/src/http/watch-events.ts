import { KubeError } from '../error.ts';
import type { WatchEvent } from '../client.ts';
import { parseJson } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { isRecord } from '../record.ts';
import { refOf } from '../ref.ts';
import { errorOfStatus } from './answer-error.ts';
import type { Asked } from './answer-error.ts';

/**
 * Reads one line of a watch.
 *
 * @throws {KubeError} what an ERROR event stands for (`GONE` for 410); `PROTOCOL` when the line is no event.
 */
export function readWatchEvent(line: string, asked: Asked): WatchEvent {
  const event = tryParse(line);
  if (!isRecord(event) || !isRecord(event['object'])) throw unreadable(asked);
  const { type, object } = event;
  if (type === 'ERROR') {
    const code = object['code'];
    throw errorOfStatus(object, typeof code === 'number' ? code : 500, asked);
  }
  const metadata = object['metadata'];
  if (!isRecord(metadata) || typeof metadata['resourceVersion'] !== 'string') throw unreadable(asked);
  const { resourceVersion, uid } = metadata;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type, object: object as KubeObject };
    case 'DELETED':
      return { type, ref: refOf(object as KubeObject), uid: typeof uid === 'string' ? uid : '', resourceVersion };
    case 'BOOKMARK': {
      const annotations = metadata['annotations'];
      const initialEventsEnd = isRecord(annotations) && annotations['k8s.io/initial-events-end'] === 'true';
      return { type, resourceVersion, initialEventsEnd };
    }
    default:
      throw unreadable(asked);
  }
}

function tryParse(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

function unreadable(asked: Asked): KubeError {
  return new KubeError(
    'PROTOCOL',
    `${asked.doing} brought a line that is no watch event; watch again, and look at what stands between here and the server`,
    {
      retry: 'backoff',
    },
  );
}

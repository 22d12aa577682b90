import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { DecodeError } from '../decode/decode-error.ts';
import { parseBody } from '../decode/parse-body.ts';

/** Objects: plain, or as YAML or JSON text with one document or more; Lists count as their items. */
export type TestObjects = string | KubeObject | readonly (string | KubeObject)[];

/** @throws {TypeError} for what is no object, with the place. */
export function readObjects(objects: TestObjects, where = 'the text'): readonly KubeObject[] {
  if (typeof objects === 'string') return readText(objects, where);
  if (isList(objects)) return objects.flatMap((one) => readObjects(one, where));
  return unfolded(objects, where);
}

/** The objects of a file, or of every `.yaml`, `.yml` and `.json` in a directory and below, in the order of their paths. */
export async function readObjectFiles(path: string | URL): Promise<readonly KubeObject[]> {
  const root = typeof path === 'string' ? path : fileURLToPath(path);
  const files = (await stat(root)).isDirectory()
    ? (await readdir(root, { recursive: true }))
        .filter((file) => /\.(ya?ml|json)$/.test(file))
        .toSorted()
        .map((file) => join(root, file))
    : [root];
  const texts = await Promise.all(files.map(async (file) => readText(await readFile(file, 'utf8'), file)));
  return texts.flat();
}

function isList(objects: KubeObject | readonly (string | KubeObject)[]): objects is readonly (string | KubeObject)[] {
  return Array.isArray(objects);
}

function readText(text: string, where: string): readonly KubeObject[] {
  return text.split(/^---.*$/m).flatMap((document, i) => {
    const place = `document ${String(i + 1)} of ${where}`;
    const value = readDocument(document, place);
    return value === null || value === undefined ? [] : unfolded(value, place);
  });
}

function readDocument(text: string, place: string): unknown {
  // Flow maps begin as JSON does, and JSON with tabs is no YAML: what is not the one is the other.
  const bytes = Buffer.from(text.replace(/^(?:[ \t]*\r?\n)+/, ''));
  try {
    return parseBody(bytes, isJson(text) ? 'application/json' : 'application/yaml').value;
  } catch (error) {
    if (error instanceof DecodeError)
      throw new TypeError(`${place} cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unfolded(value: unknown, where: string): readonly KubeObject[] {
  if (isRecord(value) && value['kind'] === 'List' && Array.isArray(value['items'])) {
    return value['items'].flatMap((item) => unfolded(item, where));
  }
  if (!isRecord(value) || typeof value['kind'] !== 'string' || !isRecord(value['metadata'])) {
    throw new TypeError(`${where} is no Kubernetes object: it needs apiVersion, kind and metadata`);
  }
  return [value as KubeObject];
}

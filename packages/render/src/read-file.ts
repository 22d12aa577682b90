import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { ChosenFile, FileReader } from './choose-files.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { FileProblem, ReadFile, RenderMemo } from './memo.ts';
import { parseDocumentText } from './parse-yaml.ts';
import { readObjects } from './read-objects.ts';
import type { ReadDocument } from './read-objects.ts';
import { splitDocuments, splitJson } from './split-documents.ts';

/** Whether a file's content id is known, so that it will not be read. */
export function isRemembered(
  { oid, path }: ChosenFile,
  { memo, limits }: { readonly memo: RenderMemo; readonly limits: Limits },
): boolean {
  return oid !== undefined && memo.files.has(`${memoPrefix(path.endsWith('.json'), limits)}${oid}`);
}

/**
 * Reads one manifest, through the memo: a file whose content id is known is neither read nor split, a document whose
 * text is known is not parsed. Rejects when the reader does.
 */
export async function readFile(
  reader: FileReader,
  file: ChosenFile,
  { memo, limits }: { memo: RenderMemo; limits: Limits },
): Promise<ReadFile> {
  const { oid, size, path } = file;
  if (size !== undefined && size > limits.fileBytes) return { documents: [], problem: tooLarge(size, limits) };
  const json = path.endsWith('.json');
  const prefix = memoPrefix(json, limits);
  const key = oid === undefined ? undefined : `${prefix}${oid}`;
  const known = key === undefined ? undefined : memo.files.get(key);
  if (known !== undefined) return known;
  const bytes = await reader.read(path);
  const read = readBytes(bytes, { memo, limits, json, prefix });
  if (key !== undefined) memo.files.set(key, read, bytes.length + 256);
  return read;
}

interface Reading {
  readonly memo: RenderMemo;
  readonly limits: Limits;
  readonly json: boolean;
  readonly prefix: string;
}

function readBytes(bytes: Uint8Array, reading: Reading): ReadFile {
  const { limits, json } = reading;
  if (bytes.length > limits.fileBytes) return { documents: [], problem: tooLarge(bytes.length, limits) };
  if (!isUtf8(bytes)) return { documents: [], problem: notUtf8(bytes) };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const cuts = json ? splitJson(text) : splitDocuments(text);
  return {
    documents: cuts.map(({ text: cut, document, line }) => ({ read: readDocument(cut, reading), document, line })),
  };
}

function readDocument(text: string, { memo, limits, json, prefix }: Reading): ReadDocument {
  const key = prefix + hash('sha256', text, 'base64url');
  const known = memo.documents.get(key);
  if (known !== undefined) return known;
  const read = readObjects(parseDocumentText(text, { json, limits }));
  memo.documents.set(key, read, text.length + 256);
  return read;
}

/** What else than its bytes decides what a document says. */
function memoPrefix(json: boolean, limits: Limits): string {
  const { aliases, expansion, depth, mergeKeys, fileBytes } = limits;
  const usual = limits === defaultLimits ? '' : [aliases, expansion, depth, mergeKeys, fileBytes].join(',');
  return `${json ? 'json' : 'yaml'}:${usual}:`;
}

function tooLarge(size: number, limits: Limits): FileProblem {
  const message = `the file has ${size} bytes, and ${limits.fileBytes} are the limit`;
  return { code: 'FILE_TOO_LARGE', message, hint: 'split it, or exclude it' };
}

function notUtf8(bytes: Uint8Array): FileProblem {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return { code: 'NOT_UTF8', message: 'the file is UTF-16', hint: 'save it as UTF-8' };
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(start, next))) break;
    start = next;
  }
  return {
    code: 'NOT_UTF8',
    message: 'bytes that are no UTF-8 text',
    hint: 'save the file as UTF-8, or exclude it',
    line,
  };
}

/** One document of a file: its text without what stands before its first content, and where that begins. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file, from 0, on which `text` starts. */
  readonly line: number;
  /** Position among the documents of the file that hold anything, from 1. */
  readonly document: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const BOM = 0xfeff;

/**
 * Splits a YAML stream into its documents, so that a broken one spoils only itself.
 *
 * A document starts at a `---` and ends at the next one or after a `...`, both at column 0 and followed by white space or
 * the end: YAML allows neither inside any scalar there, so no block scalar is ever cut. Documents without content
 * (comments, blank lines, markers) are left out. A byte order mark before a document's first content is dropped.
 *
 * kubectl differs on purpose: it refuses content behind `---` and silently drops what follows `...`.
 */
export function splitDocuments(stream: string): DocumentText[] {
  const text = asKubectlReadsLines(stream);
  const documents: DocumentText[] = [];
  const lines = lineCounter(text);
  let position = 0;
  while (position < text.length) {
    const head = readHead(text, position);
    position = head.content === undefined ? head.end : nextBoundary(text, head.content);
    if (head.content === undefined) continue;
    const from = head.from + (text.charCodeAt(head.from) === BOM ? 1 : 0);
    documents.push({ text: text.slice(from, position), line: lines(from), document: documents.length + 1 });
  }
  return documents;
}

/**
 * Ends the last line, which decides about the last line break of a block scalar. CR CR LF, which a doubled conversion
 * leaves, is one line break to kubectl and two to YAML.
 */
function asKubectlReadsLines(stream: string): string {
  const text = stream.includes('\r\r\n') ? stream.replaceAll('\r\r\n', '\r\n') : stream;
  return text.endsWith('\n') ? text : `${text}\n`;
}

/**
 * Splits a JSON file that may hold several values one after another, as kubectl takes them. Text that is not JSON stays
 * whole: the parser then says what is wrong with it.
 */
export function splitJson(text: string): DocumentText[] {
  const documents: DocumentText[] = [];
  const lines = lineCounter(text);
  let start = -1;
  let depth = 0;
  let inString = false;
  for (let at = text.charCodeAt(0) === BOM ? 1 : 0; at < text.length; at++) {
    const char = text[at] as string;
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
      continue;
    }
    if (start < 0) {
      if (isBlank(text.charCodeAt(at))) continue;
      start = at;
    }
    if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > 0 || inString || char !== '}') continue;
    documents.push({ text: text.slice(start, at + 1), line: lines(start), document: documents.length + 1 });
    start = -1;
    depth = 0;
  }
  if (start >= 0) documents.push({ text: text.slice(start), line: lines(start), document: documents.length + 1 });
  return documents;
}

interface Head {
  /** Where the document's text starts: its first directive, or else its first line with content. */
  readonly from: number;
  /** Start of the first line with content; absent when the document has none. */
  readonly content?: number;
  /** Where an empty document ends. */
  readonly end: number;
}

/** Reads the lines before a document's content: blank ones, comments, directives, its `---`. */
function readHead(text: string, start: number): Head {
  let sawMarker = false;
  let directive: number | undefined;
  let position = start;
  while (position < text.length) {
    const next = lineEnd(text, position);
    const line = position + (text.charCodeAt(position) === BOM ? 1 : 0);
    if (isMarker(text, line, '...')) return { from: line, end: next };
    if (isMarker(text, line, '---')) {
      if (sawMarker) return { from: line, end: position };
      sawMarker = true;
      if (!isBlankOrComment(text, line + 3)) return { from: directive ?? line, content: position, end: next };
    } else if (!sawMarker && text[line] === '%') {
      directive ??= line;
    } else if (!isBlankOrComment(text, line)) {
      return { from: directive ?? line, content: position, end: next };
    }
    position = next;
  }
  return { from: text.length, end: text.length };
}

/** Where the document whose first content stands on the line at `position` ends. */
function nextBoundary(text: string, position: number): number {
  for (let next = lineEnd(text, position); next < text.length; next = lineEnd(text, next)) {
    // Byte order marks may stand before a marker where files were concatenated.
    const line = next + (text.charCodeAt(next) === BOM ? 1 : 0);
    if (isMarker(text, line, '---')) return next;
    if (isMarker(text, line, '...')) return lineEnd(text, next);
  }
  return text.length;
}

function isMarker(text: string, at: number, marker: '---' | '...'): boolean {
  if (!text.startsWith(marker, at)) return false;
  return at + 3 === text.length || isBlank(text.charCodeAt(at + 3));
}

/** Whether only white space, or a comment after it, stands from here to the end of the line. */
function isBlankOrComment(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at++;
  return at === text.length || text[at] === '#' || text.charCodeAt(at) === LF || text.charCodeAt(at) === CR;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === LF || code === CR;
}

/** Where the line after this one starts: LF, CRLF and a lone CR end a line, as in YAML. */
function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at++);
    if (code === LF) return at;
    if (code === CR) return text.charCodeAt(at) === LF ? at + 1 : at;
  }
  return text.length;
}

/** Counts the lines before positions that are asked for in ascending order. */
function lineCounter(text: string): (position: number) => number {
  let counted = 0;
  let line = 0;
  return (position) => {
    for (; counted < position; counted++) {
      const code = text.charCodeAt(counted);
      if (code === LF || (code === CR && text.charCodeAt(counted + 1) !== LF)) line++;
    }
    return line;
  };
}

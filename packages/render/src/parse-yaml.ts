import { YAMLException, parseEvents } from 'js-yaml';
import type { Event } from 'js-yaml';
import { DocumentError, construct } from './construct.ts';
import type { Remark } from './construct.ts';
import { compareFindings } from './finding.ts';
import type { Finding, FindingCode } from './finding.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { locate, locateItems, offsetOf, positions } from './positions.ts';
import type { NodePath, Position } from './positions.ts';
import { splitDocuments, splitJson } from './split-documents.ts';

/** A finding inside one document: lines from 0, relative to the document's text. */
export interface DocumentFinding {
  readonly severity: Finding['severity'];
  readonly code: FindingCode;
  readonly message: string;
  readonly hint: string;
  readonly position: Position;
  /** A second place that the message speaks of as `{other}`: printed as a line of the file. */
  readonly other?: Position;
}

/** What one document's text says. */
export interface ParsedText {
  /** `undefined` when an error kept it from being read. */
  readonly value: unknown;
  readonly findings: readonly DocumentFinding[];
  /** Where the node at this path stands, or the nearest one above it. */
  locate(path: NodePath): Position;
  /** Where the items of the list at this path stand; empty when they stand nowhere (an alias). */
  locateItems(path: NodePath): readonly Position[];
}

/** What Go's reader refuses anywhere in a stream; a lone surrogate cannot come out of UTF-8. */
// eslint-disable-next-line no-control-regex -- control characters are the point
const FORBIDDEN = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/;
/** Line breaks in YAML 1.1, plain characters in YAML 1.2 and JSON. */
const OLD_LINE_BREAK = /[\x85\u2028\u2029]/;

/**
 * Parses the text of one document (as `splitDocuments` cuts it) as Kubernetes would. Never throws for what the text
 * holds, never recurses deeper than `limits.depth` and takes time linear in the text and what its merges copy.
 */
export function parseDocumentText(text: string, { json, limits }: { json: boolean; limits: Limits }): ParsedText {
  const findings: DocumentFinding[] = [];
  let events: Event[] = [];
  let source = text;
  let at = positions(text);
  let value: unknown;
  const remark = ({ offset, ...rest }: Remark): void => void findings.push({ ...rest, position: at(offset) });
  try {
    refuseCharacters(text, json);
    ({ events, source, at } = readEvents(text, limits));
    value = construct(events, source, limits, remark);
  } catch (error) {
    const problem = asDocumentError(error, text);
    findings.push({
      severity: 'error',
      code: problem.code,
      message: problem.message,
      hint: problem.hint,
      position: at(problem.offset),
      ...(problem.other !== undefined && { other: at(problem.other) }),
    });
    value = undefined;
  }
  return {
    value,
    findings,
    locate: (path) => at(locate(events, source, path)),
    locateItems: (path) => locateItems(events, source, path).map(at),
  };
}

interface ReadEvents {
  readonly events: Event[];
  /** The text that the events' offsets count in. */
  readonly source: string;
  /** Turns those offsets into places of the original text. */
  readonly at: (offset: number) => Position;
}

/** How much text may be read again to mend white space, per document. */
const MENDING = 4 * 1024 * 1024;

/**
 * Reads the parser's events. Kubernetes takes brackets and quoted text over several lines at any indentation, as in
 *
 *     command: [
 *       "sleep"
 *     ]
 *
 * and tabs between their parts; the parser refuses both where the line itself is not indented. White space means nothing
 * there, so what the parser complains about is replaced by spaces, and the text read again.
 */
function readEvents(text: string, limits: Limits): ReadEvents {
  const indented = new Map<number, number>();
  let source = text;
  for (let spent = 0; ; spent += source.length) {
    const place = positions(source);
    const at = (offset: number): Position => {
      const { line, column } = place(offset);
      return { line, column: Math.max(0, column - (indented.get(line) ?? 0)) };
    };
    try {
      return { events: parseEvents(source, { maxDepth: limits.depth }), source, at };
    } catch (error) {
      const complaint = asDocumentError(error, source);
      const { line, column } = place(complaint.offset);
      const start = complaint.offset - column;
      const before = source.slice(start, complaint.offset);
      if (complaint.message !== 'deficient indentation' || spent > MENDING) throw moved(complaint, at, text);
      if (before.trim() !== '') {
        const mended = withoutTabs(before);
        if (mended === before) throw moved(complaint, at, text);
        source = source.slice(0, start) + mended + source.slice(complaint.offset);
      } else {
        if (indented.has(line)) throw moved(complaint, at, text);
        const width = deepestIndent(text) + 1;
        indented.set(line, width);
        source = source.slice(0, start) + ' '.repeat(width) + source.slice(start);
      }
    }
  }
}

/** Replaces the tabs that separate what stands last on a line, or an opening bracket from what stands before it. */
function withoutTabs(line: string): string {
  const tail = /[ \t]*$/.exec(line)?.[0] ?? '';
  if (tail.includes('\t')) return line.slice(0, -tail.length) + ' '.repeat(tail.length);
  const opening = /(?:[ \t]|[&!][^ \t]*)*[[{] *$/.exec(line);
  if (opening === null) return line;
  return line.slice(0, opening.index) + opening[0].replaceAll('\t', ' ');
}

/** An error in a mended text, placed in the original one. */
function moved(
  { code, offset, message, hint }: DocumentError,
  at: (offset: number) => Position,
  text: string,
): DocumentError {
  const { line, column } = at(offset);
  return new DocumentError(code, offsetOf(text, line) + column, message, hint);
}

/** More than any block's indentation. */
function deepestIndent(text: string): number {
  let deepest = 0;
  for (const [spaces] of text.matchAll(/^ +/gm)) deepest = Math.max(deepest, spaces.length);
  return deepest;
}

function refuseCharacters(text: string, json: boolean): void {
  const forbidden = FORBIDDEN.exec(text) ?? (json ? null : OLD_LINE_BREAK.exec(text));
  if (forbidden === null) return;
  const code = forbidden[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const isBreak = OLD_LINE_BREAK.test(forbidden[0]);
  throw new DocumentError(
    'FORBIDDEN_CHARACTER',
    forbidden.index,
    isBreak
      ? `the character U+${code} is a line break to Kubernetes and none to most other readers`
      : `the character U+${code} is not allowed in YAML`,
    code === '0000'
      ? 'is this a binary file, or text in UTF-16? Save it as UTF-8, or exclude it'
      : `remove it, or write "\\u${code}" inside double quotes`,
  );
}

function asDocumentError(error: unknown, text: string): DocumentError {
  if (error instanceof DocumentError) return error;
  if (!(error instanceof YAMLException)) throw error;
  const offset = Math.min(error.mark?.position ?? 0, Math.max(0, text.length - 1));
  if (error.reason.startsWith('nesting exceeded')) {
    return new DocumentError('TOO_DEEP', offset, 'the document nests too deep', 'flatten it');
  }
  return new DocumentError('YAML_SYNTAX', offset, error.reason, syntaxHint(error.reason, text));
}

const SYNTAX_HINTS: readonly (readonly [RegExp, string])[] = [
  [/tab characters/, 'indent with spaces'],
  [/indentation/, 'align the line with its neighbours: the keys of a map start in the same column'],
  [/multiline key|expected ':'/, 'write "key: value"; quote text that goes over several lines'],
  [/whitespace character is expected/, 'put a space after the colon'],
  [/quoted scalar/, 'close the quote'],
  [/flow collection/, 'close the bracket, and put a comma between entries'],
  [/escape sequence|hexadecimal/, 'use single quotes for text with backslashes'],
  [
    /end of the stream or a document separator/,
    'check the indentation of this line, or put "---" before a further document',
  ],
];

function syntaxHint(reason: string, text: string): string {
  if (/\{\{/.test(text)) return 'this looks like a template (Helm?): render it first, or exclude it';
  if (/^(?:<{7}|={7}|>{7})(?: |$)/m.test(text)) return 'resolve the merge conflict that Git left in this file';
  return SYNTAX_HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'correct the YAML here';
}

/** One document of a YAML text, parsed. */
export interface YamlDocument {
  readonly value: unknown;
  /** Position among the documents that hold anything, from 1. */
  readonly document: number;
  /** Line and column, from 1, of the node at this path, or of the nearest one above it. */
  locate(path: NodePath): { readonly line: number; readonly column: number };
}

/** What `parseYaml` found. */
export interface ParsedYaml {
  /** The documents that could be read. */
  readonly documents: readonly YamlDocument[];
  readonly findings: readonly Finding[];
}

/**
 * Parses YAML (or JSON) text of any number of documents with the meaning that Kubernetes gives it. What is wrong with
 * the text is a finding with `path`, line and column; the other documents are still returned.
 */
export function parseYaml(
  text: string,
  options: { readonly path?: string; readonly limits?: Partial<Limits> } = {},
): ParsedYaml {
  const path = options.path ?? '';
  const json = path.endsWith('.json');
  const limits = { ...defaultLimits, ...options.limits };
  const documents: YamlDocument[] = [];
  const findings: Finding[] = [];
  for (const cut of json ? splitJson(text) : splitDocuments(text)) {
    const parsed = parseDocumentText(cut.text, { json, limits });
    findings.push(...parsed.findings.map((finding) => placeFinding(finding, path, cut)));
    if (parsed.value === undefined) continue;
    documents.push({
      value: parsed.value,
      document: cut.document,
      locate(node) {
        const { line, column } = parsed.locate(node);
        return { line: cut.line + line + 1, column: column + 1 };
      },
    });
  }
  return { documents, findings: findings.sort(compareFindings) };
}

/** Gives a document's finding its place in the file. */
export function placeFinding(
  { severity, code, message, hint, position, other }: DocumentFinding,
  path: string,
  at: { readonly document: number; readonly line: number },
): Finding {
  return {
    severity,
    code,
    message: other === undefined ? message : message.replace('{other}', String(at.line + other.line + 1)),
    origin: { path, document: at.document, line: at.line + position.line + 1, column: position.column + 1 },
    hint,
  };
}

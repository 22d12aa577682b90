import { MergeError } from '../error.ts';
import { parsePointer } from '../pointer.ts';
import { cloneValue, equalValues, isList, isMap } from './json-value.ts';
import type { JsonMap } from './json-value.ts';

/** One operation as it came over the wire: nothing about it is sure yet. */
export interface JsonPatchOp {
  readonly op: string;
  readonly path?: string;
  readonly from?: string;
  readonly value?: unknown;
}

export interface JsonPatchOptions {
  /**
   * `kubernetes` (the default) does what the API server's library does where it is not the RFC: `replace` of a missing map
   * key adds; `test` and `copy` read a missing map key as null; a negative index counts from the end; what stands before the
   * first slash of a path is ignored, and a `~` that escapes nothing stands for itself; only `replace` and `test` reach
   * the whole document, and it can only be replaced by a map or a list.
   */
  readonly variant?: 'kubernetes' | 'rfc6902';
  /** How many bytes of JSON all `copy` operations together may add. Unlimited by default: repeated copies grow exponentially. */
  readonly maxCopyBytes?: number;
}

type Container = unknown[] | Record<string, unknown>;

/**
 * A JSON patch (RFC 6902): all operations in order, or none. Neither argument is changed, and the result shares nothing
 * with them.
 *
 * @throws {MergeError} `PATCH_FAILED`: an operation that is unknown or cannot be done, or a `test` that fails.
 */
export function applyJsonPatch(
  target: unknown,
  operations: readonly JsonPatchOp[],
  options: JsonPatchOptions = {},
): unknown {
  const document = new PatchedDocument(cloneValue(target), options);
  operations.forEach((operation, at) => {
    try {
      document.apply(operation);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      throw new MergeError('PATCH_FAILED', `operation ${String(at)}: ${error.message}`, { cause: error });
    }
  });
  return document.root;
}

class PatchedDocument {
  root: unknown;
  #copied = 0;
  readonly #lenient: boolean;
  readonly #maxCopyBytes: number;

  constructor(root: unknown, { variant = 'kubernetes', maxCopyBytes = Infinity }: JsonPatchOptions) {
    this.root = root;
    this.#lenient = variant === 'kubernetes';
    this.#maxCopyBytes = maxCopyBytes;
  }

  apply(operation: JsonPatchOp): void {
    const path = pathOf(operation.path, 'path');
    // What an operation leaves out is null, as Go decodes it.
    const value = operation.value ?? null;
    switch (operation.op) {
      case 'add':
        return this.#add(path, cloneValue(value));
      case 'remove':
        this.#remove(path);
        return;
      case 'replace':
        return this.#replace(path, cloneValue(value));
      case 'move':
        return this.#move(pathOf(operation.from, 'from'), path);
      case 'copy':
        return this.#add(path, this.#copyOf(pathOf(operation.from, 'from')));
      case 'test':
        if (equalValues(this.#read(path), value)) return;
        throw failed(`the value at "${path}" is another one`);
      default:
        throw failed(`"${operation.op}" is none of add, remove, replace, move, copy, test`);
    }
  }

  #add(path: string, value: unknown): void {
    if (path === '' && !this.#lenient) {
      this.root = value;
      return;
    }
    const { container, key } = this.#locate(path);
    if (!isList(container)) setOwn(container, key, value);
    else container.splice(key === '-' ? container.length : this.#index(container.length + 1, key, path), 0, value);
  }

  #remove(path: string): unknown {
    const { container, key } = this.#locate(path);
    if (isList(container)) return container.splice(this.#index(container.length, key, path), 1)[0];
    if (!Object.hasOwn(container, key)) throw failed(`there is nothing at "${path}"`);
    const removed = container[key];
    delete container[key];
    return removed;
  }

  #replace(path: string, value: unknown): void {
    if (path === '') {
      if (this.#lenient && !isMap(value) && !isList(value)) throw failed('a document is a map or a list');
      this.root = value;
      return;
    }
    const { container, key } = this.#locate(path);
    if (isList(container)) {
      container[this.#index(container.length, key, path)] = value;
      return;
    }
    if (!this.#lenient && !Object.hasOwn(container, key)) throw failed(`there is nothing at "${path}"`);
    setOwn(container, key, value);
  }

  #move(from: string, path: string): void {
    if (!this.#lenient && path.startsWith(`${from}/`)) throw failed(`"${from}" cannot move into itself`);
    this.#add(path, this.#remove(from));
  }

  #copyOf(from: string): unknown {
    const value = this.#read(from);
    if (this.#maxCopyBytes !== Infinity) {
      this.#copied += jsonBytes(value);
      if (this.#copied > this.#maxCopyBytes) {
        const limit = `exceeding the limit ${String(this.#maxCopyBytes)}`;
        throw failed(`the accumulated size increase of copy is ${String(this.#copied)}, ${limit}`);
      }
    }
    return cloneValue(value);
  }

  #read(path: string): unknown {
    if (path === '') return this.root;
    const { container, key } = this.#locate(path);
    if (isList(container)) return container[this.#index(container.length, key, path)];
    if (Object.hasOwn(container, key)) return container[key];
    if (this.#lenient) return null;
    throw failed(`there is nothing at "${path}"`);
  }

  /** The map or list that holds what `path` names. */
  #locate(path: string): { readonly container: Container; readonly key: string } {
    const tokens = this.#lenient ? lenientTokens(path) : parsePointer(path);
    const key = tokens.at(-1);
    if (key === undefined) throw failed('the whole document cannot be meant here');
    let container = this.root;
    for (const token of tokens.slice(0, -1)) {
      if (isList(container)) container = container[this.#index(container.length, token, path)];
      else container = isMap(container) && Object.hasOwn(container, token) ? container[token] : undefined;
    }
    if (!isList(container) && !isMap(container)) throw failed(`nothing holds "${path}"`);
    return { container: container as Container, key };
  }

  #index(length: number, token: string, path: string): number {
    const pattern = this.#lenient ? /^[+-]?\d+$/ : /^(?:0|[1-9]\d*)$/;
    const written = pattern.test(token) ? Number(token) : Number.NaN;
    const index = written < 0 ? written + length : written;
    if (!(index >= 0 && index < length)) throw failed(`"${token}" in "${path}" is no index of a list of this length`);
    return index;
  }
}

function pathOf(path: unknown, field: 'path' | 'from'): string {
  if (typeof path === 'string') return path;
  throw failed(`it has no ${field}`);
}

function lenientTokens(path: string): readonly string[] {
  const escapes: JsonMap = { '~0': '~', '~1': '/' };
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll(/~[01]/g, (escape) => escapes[escape] as string));
}

/** Never through `=`: that would set the prototype where the key is `__proto__`. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

function jsonBytes(value: unknown): number {
  if (isList(value)) return value.reduce<number>((sum, item) => sum + jsonBytes(item) + 1, 2);
  if (!isMap(value)) return typeof value === 'bigint' ? String(value).length : Buffer.byteLength(JSON.stringify(value));
  return Object.entries(value).reduce((sum, [key, child]) => sum + jsonBytes(key) + jsonBytes(child) + 2, 2);
}

function failed(message: string): MergeError {
  return new MergeError('PATCH_FAILED', message);
}

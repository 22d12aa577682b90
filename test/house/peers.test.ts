import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

const table = readFileSync(join(root, 'test/scenarios/PEERS.md'), 'utf8');
/** `package/file: part of a title`. */
const named = [...table.matchAll(/`([a-z]+)\/([\w/.-]+): ([^`]*)`/g)];

test('every test that the table of other engines names is there', () => {
  expect(named.length).toBeGreaterThan(80);
  const missing = named.flatMap(([text, folder = '', file = '', title = '']) => {
    const path = join(root, folder === 'scenarios' ? 'test/scenarios' : `packages/${folder}/test`, `${file}.test.ts`);
    return existsSync(path) && readFileSync(path, 'utf8').includes(title) ? [] : [text];
  });
  expect(missing).toEqual([]);
});

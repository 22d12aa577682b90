import { describe, expect, test } from 'vitest';

import { createGitSource, printableUrl } from '@homeostat/git';
import type { RefOption } from '@homeostat/git';

import { selectorOf } from '../src/refs.ts';
import { parseAddress } from '../src/url.ts';
import { thrown } from './errors.ts';

describe('refs', () => {
  test('a text may be a branch or a tag, a full name is that name, 40 digits are a commit', () => {
    expect(selectorOf('main')).toMatchObject({ names: ['refs/heads/main', 'refs/tags/main'] });
    expect(selectorOf('feature/x')).toMatchObject({ names: ['refs/heads/feature/x', 'refs/tags/feature/x'] });
    expect(selectorOf('refs/notes/x')).toMatchObject({ names: ['refs/notes/x'] });
    expect(selectorOf(undefined)).toMatchObject({ names: ['HEAD'] });
    expect(selectorOf({ branch: 'deadbeef' })).toMatchObject({ names: ['refs/heads/deadbeef'] });
    expect(selectorOf('a'.repeat(40))).toEqual({ kind: 'commit', commit: 'a'.repeat(40) });
  });

  test('several at once, none, and what is no ref are refused before anything is asked', () => {
    const bad: RefOption[] = [
      {},
      { branch: 'a', tag: 'b' },
      { branch: 'a', commit: 'a'.repeat(40) },
      { commit: 'abc1234' },
      { commit: 'HEAD' },
      { name: 'main' },
      '',
      ' main',
      'a..b',
      'a b',
      '-x^',
      'a~1',
      'HEAD^',
      'a:b',
      '*',
      'a.lock',
      '.a',
      'a/.b',
      'a//b',
      'a/',
      'a@{1}',
      'a\nb',
      'refs/heads/a\0',
      'x'.repeat(2000),
    ];
    for (const ref of bad) {
      const error = thrown(() => createGitSource({ url: 'https://example.com/x', ref }));
      expect(error, JSON.stringify(ref)).toMatchObject({ code: 'BAD_REF', retry: 'never' });
    }
    expect(thrown(() => selectorOf({ branch: 'a', tag: 'b' })).message).toContain('branch and tag');
    expect(thrown(() => selectorOf({ commit: 'abc1234' })).message).toContain('all 40 hex digits');
    expect(thrown(() => selectorOf('a'.repeat(64)))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('addresses', () => {
  test('each kind is known by its form', () => {
    const via = (text: string): string => parseAddress(text).via;
    for (const text of ['https://host/x', 'http://host/x.git', 'HTTPS://host/x']) expect(via(text)).toBe('http');
    for (const text of ['ssh://git@host:22/x', 'git@host:x/y.git', 'host:x', 'git+ssh://host/x'])
      expect(via(text)).toBe('ssh');
    for (const text of ['/srv/x', './x', '../x', 'x', 'file:///srv/x', './a:b', 'C:\\x', '~/x'])
      expect(via(text)).toBe('file');
  });

  test('what is no address is refused, and never shows a secret', () => {
    for (const text of [
      '',
      '-x',
      'https://',
      'ssh://-oProxyCommand=x/y',
      '-oProxyCommand=x:y',
      'ssh://',
      'git@ho st:x',
      'file://host/x%2Fy',
    ]) {
      expect(
        thrown(() => parseAddress(text)),
        text,
      ).toMatchObject({ code: 'BAD_URL' });
    }
    expect(thrown(() => parseAddress('git://host/x'))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(thrown(() => parseAddress('https://user:secret@ho st/x')).message).not.toContain('secret');
  });

  test('an address is shown without its credentials', () => {
    expect(printableUrl('https://user:p@ss@host/x?private_token=1#y')).toBe('https://host/x');
    expect(printableUrl('https://token@host/x')).toBe('https://host/x');
    expect(printableUrl('ssh://git@host/x')).toBe('ssh://git@host/x');
    expect(printableUrl('ssh://git:secret@host/x')).toBe('ssh://host/x');
    expect(printableUrl('git@host:x')).toBe('git@host:x');
    expect(parseAddress('https://user:p%40ss@host/x/')).toMatchObject({
      printable: 'https://host/x',
      userinfo: { username: 'user', password: 'p@ss' },
    });
  });
});

import { randomInt } from 'node:crypto';
import type { KubeObject } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import type { Input, ViewEvent } from '../src/view.ts';
import { keyOf, View } from '../src/view.ts';
import { configMap, deleted, History, seeded, SET } from './history.ts';

const scope = { group: '', kind: 'ConfigMap', namespace: '' };
const refTo = (name: string, namespace = 'demo') => ({ group: '', kind: 'ConfigMap', namespace, name });
const value = (object: KubeObject): unknown => object['data'];

function story(): {
  view: View<unknown>;
  tell: (...inputs: Input[]) => string[];
  held: () => readonly string[];
} {
  const view = new View({ summarize: value });
  return {
    view,
    tell: (...inputs) => inputs.flatMap((input) => view.reduce(input, 1)).map(print),
    held: () => view.members(SET).map((entry) => `${entry.ref.name}@${entry.resourceVersion}`),
  };
}
const print = (event: ViewEvent): string => `${event.type} ${event.ref.name} ${event.uid}`;

const listed = (object: KubeObject): Input => ({ input: 'listed', object });
const observed = (object: KubeObject): Input => ({ input: 'observed', object });
const watched = (object: KubeObject): Input => ({ input: 'watched', scope, event: { type: 'MODIFIED', object } });
const left = (object: KubeObject, version: string): Input => ({
  input: 'watched',
  scope,
  event: deleted(object, version),
});
const listEnds = (version: string, ...names: string[]): Input => ({
  input: 'list-ended',
  scope,
  keys: new Set(names.map((name) => keyOf({ namespace: 'demo', name }))),
  resourceVersion: version,
});

describe('1. It only goes forward', () => {
  test('an older event does not overwrite the newer answer to our own write', () => {
    const { tell, held } = story();
    expect(tell(observed(configMap('a', '12')))).toEqual(['changed a uid-a']);
    expect(tell(watched(configMap('a', '11')))).toEqual([]);
    expect(held()).toEqual(['a@12']);
  });

  test('versions are compared as integers, not as texts', () => {
    const { tell, held } = story();
    tell(listed(configMap('a', '999')), watched(configMap('a', '1000')), observed(configMap('a', '999')));
    expect(held()).toEqual(['a@1000']);
  });

  test('an older list does not overwrite what was observed since', () => {
    const { tell, held } = story();
    tell(observed(configMap('a', '12')), listed(configMap('a', '9')), listEnds('10', 'a'));
    expect(held()).toEqual(['a@12']);
  });

  test('a DELETED that is older than what is known takes nothing away', () => {
    const { tell, held } = story();
    expect(tell(observed(configMap('a', '12')), left(configMap('a', '9'), '10'))).toEqual(['changed a uid-a']);
    expect(held()).toEqual(['a@12']);
  });
});

describe('2. Nor does it replace a newer absence', () => {
  test('an object that left the selector, when an answer is late', () => {
    const { tell, held } = story();
    tell(listed(configMap('a', '5')), listEnds('5', 'a'), left(configMap('a', '5'), '10'));
    expect(tell(observed(configMap('a', '8')))).toEqual([]);
    expect(held()).toEqual([]);
  });

  test('an object that an answer showed without the label, when the watch and a list lag behind', () => {
    const { tell, held } = story();
    tell(listed(configMap('a', '5')), listEnds('5', 'a'), observed(configMap('a', '12', { set: undefined })));
    expect(tell(watched(configMap('a', '8')), listed(configMap('a', '8')))).toEqual([]);
    expect(tell(watched(configMap('a', '13')))).toEqual(['changed a uid-a']);
    expect(held()).toEqual(['a@13']);
  });

  test('but a newer answer brings it back', () => {
    const { tell, held } = story();
    tell(listEnds('10'), observed(configMap('a', '11')));
    expect(held()).toEqual(['a@11']);
  });
});

describe('3. A uid that is confirmed gone never comes back', () => {
  test('although the watch still lags behind the deletion', () => {
    const { tell, held } = story();
    tell(listed(configMap('a', '5')), listEnds('5', 'a'));
    expect(tell({ input: 'forgotten', ref: refTo('a'), uid: 'uid-a' })).toEqual(['gone a uid-a']);
    expect(tell(watched(configMap('a', '6')), listed(configMap('a', '6')), left(configMap('a', '6'), '7'))).toEqual([]);
    expect(held()).toEqual([]);
  });

  test('nor does the object that bore its name before', () => {
    const { tell, held } = story();
    tell(observed(configMap('a', '8', { uid: 'second' })), { input: 'forgotten', ref: refTo('a'), uid: 'second' });
    expect(tell(watched(configMap('a', '5')))).toEqual([]);
    expect(held()).toEqual([]);
  });

  test('while another object under its name does', () => {
    const { tell, held } = story();
    tell({ input: 'forgotten', ref: refTo('a'), uid: 'uid-a' });
    expect(tell(watched(configMap('a', '8', { uid: 'other' })))).toEqual(['changed a other']);
    expect(tell({ input: 'forgotten', ref: refTo('a'), uid: 'uid-a' })).toEqual([]);
    expect(held()).toEqual(['a@8']);
  });
});

describe('4. Two uids under one name are two objects', () => {
  test('deletion and creation under one name are two events', () => {
    const { tell } = story();
    tell(listed(configMap('a', '5')));
    expect(tell(watched(configMap('a', '8', { uid: 'other' })))).toEqual(['gone a uid-a', 'changed a other']);
  });

  test('the late DELETED of the former one takes nothing away', () => {
    const { tell, held } = story();
    tell(listed(configMap('a', '5')), observed(configMap('a', '8', { uid: 'other' })), left(configMap('a', '5'), '7'));
    expect(held()).toEqual(['a@8']);
  });

  test('a stranger without the label that took the name ends the member', () => {
    const { tell } = story();
    tell(listed(configMap('a', '5')));
    expect(tell(observed(configMap('a', '8', { uid: 'other', set: undefined })))).toEqual(['gone a uid-a']);
  });
});

describe('5. Absence is believed only from who can tell', () => {
  test('a complete list that does not name an object takes it away', () => {
    const { tell } = story();
    tell(listed(configMap('a', '5')), listed(configMap('b', '5')), listEnds('5', 'a', 'b'));
    expect(tell(listed(configMap('b', '5')), listEnds('9', 'b'))).toEqual(['gone a uid-a']);
  });

  test('a list that is older than the object does not', () => {
    const { tell, held } = story();
    tell(observed(configMap('a', '10')), listEnds('9'));
    expect(held()).toEqual(['a@10']);
  });

  test('a list of one namespace says nothing about another', () => {
    const { tell, view } = story();
    tell(listed(configMap('a', '5')), listed(configMap('a', '5', { namespace: 'other', uid: 'x' })));
    const ends: Input = {
      input: 'list-ended',
      scope: { ...scope, namespace: 'demo' },
      keys: new Set(),
      resourceVersion: '9',
    };
    expect(tell(ends)).toEqual(['gone a uid-a']);
    expect(view.get(refTo('a', 'other'))).toMatchObject({ uid: 'x' });
    expect(view.hasSeen(refTo('a'), '9')).toBe(true);
    expect(view.hasSeen(refTo('a', 'other'), '9')).toBe(false);
  });

  test('the end of a kind takes away all of it', () => {
    const { tell } = story();
    tell(listed(configMap('a', '5')), listed(configMap('b', '6')));
    expect(tell({ input: 'kind-ended', kind: { group: '', kind: 'ConfigMap' } })).toEqual([
      'gone a uid-a',
      'gone b uid-b',
    ]);
  });
});

describe('when the server was set back', () => {
  const setBack: Input = { input: 'set-back', scope };

  test('the list that follows is believed, whatever was newer before', () => {
    const { tell, held } = story();
    tell(
      listed(configMap('a', '50')),
      listed(configMap('b', '60')),
      listed(configMap('c', '5')),
      listEnds('90', 'a', 'b', 'c'),
    );
    expect(tell(setBack)).toEqual([]);
    const back = [listed(configMap('a', '7')), listed(configMap('c', '5')), listEnds('9', 'a', 'c')];
    expect(tell(...back)).toEqual(['changed a uid-a', 'changed c uid-c', 'gone b uid-b']);
    expect(held()).toEqual(['a@7', 'c@5']);
    expect(tell(watched(configMap('a', '10')), observed(configMap('a', '9')))).toEqual(['changed a uid-a']);
  });

  test('what was gone may be back, and nothing has been seen yet', () => {
    const { view, tell, held } = story();
    tell(listed(configMap('a', '50')), listEnds('90', 'a'), { input: 'forgotten', ref: refTo('a'), uid: 'uid-a' });
    tell(listed(configMap('b', '50')), setBack);
    expect(view.hasSeen(refTo('b'), '8')).toBe(false);
    tell(listed(configMap('a', '7')), listEnds('9', 'a'));
    expect(held()).toEqual(['a@7']);
    expect([view.hasSeen(refTo('a'), '9'), view.hasSeen(refTo('a'), '10')]).toEqual([true, false]);
  });
});

describe('6. It does not depend on how lists, watches and answers interleave', () => {
  test('whatever order they come in, the view ends as what the server has', () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
    console.log(`SEED=${seed}`);
    const pick = seeded(seed);
    for (let round = 0; round < 1_000; round += 1) playHistory(pick);
  });

  test('nor when objects come from, and go to, sets that are not tracked', () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
    console.log(`SEED=${seed}`);
    const pick = seeded(seed);
    for (let round = 0; round < 1_000; round += 1) playHistory(pick, 'other');
  });
});

describe('7. There is one event for each change', () => {
  test('a change of the set names both', () => {
    const { view, tell } = story();
    tell(listed(configMap('a', '5')));
    expect(view.reduce(watched(configMap('a', '6', { set: 'other' })), 1)).toEqual([
      { type: 'changed', ref: refTo('a'), uid: 'uid-a', set: 'other', formerSet: SET, via: 'watch' },
    ]);
    expect(view.members(SET)).toEqual([]);
    expect(view.members('other')).toHaveLength(1);
  });

  test('the same state again is none, and leaves the entry as it is', () => {
    const { tell, view } = story();
    tell(listed(configMap('a', '5')));
    const entry = view.get(refTo('a'));
    expect(tell(listed(configMap('a', '5')), watched(configMap('a', '5')), observed(configMap('a', '5')))).toEqual([]);
    expect(view.get(refTo('a'))).toBe(entry);
  });

  test('a list in another API version brings that version, an answer in another one does not', () => {
    const { tell, view } = story();
    tell(listed(configMap('a', '5')));
    expect(tell(observed({ ...configMap('a', '5'), apiVersion: 'v2' }))).toEqual([]);
    expect(tell(listed({ ...configMap('a', '5'), apiVersion: 'v2' }))).toEqual(['changed a uid-a']);
    expect(view.get(refTo('a'))?.version).toBe('v2');
  });
});

describe('8. Of the members of a set that is not tracked it keeps what names them alone', () => {
  const foreign = (name: string, version: string) => configMap(name, version, { set: 'other' });
  const shared = (): { view: View<unknown>; tell: (...inputs: Input[]) => string[] } => {
    const view = new View({ tracked: [SET], summarize: value });
    return { view, tell: (...inputs) => inputs.flatMap((input) => view.reduce(input, 1)).map(print) };
  };

  test('they are no entries, and what happens to them is no event', () => {
    const { view, tell } = shared();
    expect(tell(listed(foreign('a', '5')), watched(foreign('a', '6')), listed(configMap('b', '5')))).toEqual([
      'changed b uid-b',
    ]);
    expect([view.get(refTo('a')), view.members('other')]).toEqual([undefined, []]);
    const names = { ref: refTo('a'), version: 'v1', uid: 'uid-a', resourceVersion: '6', set: 'other' };
    expect(view.foreign(refTo('a'))).toEqual(names);
    expect(view.foreign(refTo('b'))).toBeUndefined();
    expect(tell(left(foreign('a', '6'), '7'))).toEqual([]);
    expect(view.foreign(refTo('a'))).toBeUndefined();
  });

  test('an object that changes hands is an event for who tracked it, and none for who does not', () => {
    const { view, tell } = shared();
    tell(listed(configMap('a', '5')));
    expect(view.reduce(watched(foreign('a', '6')), 1)).toMatchObject([{ set: 'other', formerSet: SET }]);
    expect(view.get(refTo('a'))).toBeUndefined();
    expect(tell(watched(foreign('a', '7')))).toEqual([]);
    expect(view.reduce(watched(configMap('a', '8')), 1)).toMatchObject([{ set: SET, formerSet: undefined }]);
    expect(view.get(refTo('a'))?.resourceVersion).toBe('8');
  });

  test('one set that is tracked later must be read again, and the same state makes entries then', () => {
    const { view, tell } = shared();
    tell(listed(foreign('a', '5')), listed(configMap('b', '5')), listed(configMap('c', '5', { set: 'third' })));
    expect(view.track('other')).toEqual([expect.objectContaining({ group: '', kind: 'ConfigMap' })]);
    expect(tell(listed(foreign('a', '5')))).toEqual(['changed a uid-a']);
    expect(view.members('other')).toHaveLength(1);
    expect(view.track('other')).toEqual([]);
    expect(view.track('none')).toEqual([]);
  });

  test('a set that is tracked no longer leaves names behind', () => {
    const { view, tell } = shared();
    tell(listed(configMap('a', '5')));
    view.untrack(SET);
    expect([view.members(SET), view.get(refTo('a')), view.foreign(refTo('a'))?.set]).toEqual([[], undefined, SET]);
    expect(tell(watched(configMap('a', '6')))).toEqual([]);
    expect(view.hasSeen(refTo('a'), '6')).toBe(true);
  });
});

test('members come sorted, and as the same array until one changes', () => {
  const { tell, view, held } = story();
  tell(listed(configMap('b', '5')), listed(configMap('a', '6')), listed(configMap('c', '7', { set: 'other' })));
  expect(held()).toEqual(['a@6', 'b@5']);
  const members = view.members(SET);
  tell(watched(configMap('c', '8', { set: 'other' })));
  expect(view.members(SET)).toBe(members);
  tell(watched(configMap('a', '9')));
  expect(held()).toEqual(['a@9', 'b@5']);
});

test('what a storm of changes leaves behind is one state of each object', () => {
  const { view, tell } = story();
  const settled = (): number => {
    let count = 0;
    for (let entry = view.unsettled(1); entry !== undefined; entry = view.unsettled(1), count += 1)
      view.settle(entry, entry.text);
    return count;
  };
  for (let version = 1; version <= 10_000; version += 1) tell(watched(configMap(`c${version % 7}`, String(version))));
  tell(left(configMap('c0', '9996'), '10001'));
  expect(settled()).toBe(6);
});

test('it tells how many members it keeps, and what these take at rest', () => {
  const { view, tell } = story();
  expect(view.usage()).toEqual({ members: 0, bytes: 0 });
  tell(listed(configMap('a', '5')), listed(configMap('b', '6')));
  const { members, bytes } = view.usage();
  expect(members).toBe(2);
  const entry = view.unsettled(1)!;
  view.settle(entry, 'packed');
  expect(view.usage()).toEqual({ members: 2, bytes: bytes / 2 + 'packed'.length });
  tell(left(configMap('a', '5'), '7'));
  expect(view.usage().members).toBe(1);
});

test('a view of one set takes in no other', () => {
  const view = new View({ set: { id: SET, namespace: 'demo', name: 'web' }, summarize: () => undefined });
  view.reduce(observed(configMap('a', '5', { set: 'other' })), 1);
  view.reduce(observed(configMap('b', '5')), 1);
  expect([...view.entries()].map(({ ref }) => ref.name)).toEqual(['b']);
});

test('an entry holds what readers need at hand, and the whole object on demand', () => {
  const view = new View({ summarize: value });
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
  const big = { ...configMap('a', '5'), data: { n: 9007199254740993n, text: 'Zürich 東京 🚀' } };
  const metadata = {
    ...big.metadata,
    generation: 3,
    deletionTimestamp: '2026-11-25T12:00:00Z',
    ownerReferences: [owner],
  };
  const object = { ...big, metadata };
  view.reduce(listed(object), 42);
  const entry = view.get(refTo('a'));
  expect(entry).toMatchObject({
    ref: refTo('a'),
    version: 'v1',
    uid: 'uid-a',
    resourceVersion: '5',
    generation: 3,
    terminating: true,
    set: SET,
    owners: [owner],
    summary: object.data,
    changedAt: 42,
  });
  expect(entry?.object()).toEqual(object);
});

/** Random writes; a list and a watch of them; answers and deletions that arrive at any time. */
function playHistory(pick: (limit: number) => number, outside?: string): void {
  const history = new History(outside);
  const view = new View({ tracked: [SET], summarize: value });
  const mirror = new Map<string, string>();
  const newest = new Map<string, number>();
  const gone = new Set<string>();
  const feed = (input: Input): void => {
    for (const event of view.reduce(input, 1)) {
      const { name } = event.ref;
      if (event.type === 'gone' || event.set !== SET) mirror.delete(name);
      else {
        mirror.set(name, event.uid);
        // Invariants 1 to 3, at every step: the same state is never stored twice, nor an older one.
        const version = Number(view.get(event.ref)?.resourceVersion);
        expect(version).toBeGreaterThan(newest.get(name) ?? 0);
        newest.set(name, version);
        expect(gone).not.toContain(event.uid);
      }
    }
    if (input.input === 'forgotten') gone.add(input.uid);
    // Invariant 7: whoever only followed the events knows the same objects.
    expect(mirror).toEqual(new Map([...view.entries()].map(({ ref, uid }) => [ref.name, uid])));
  };

  let watchedUpTo: number | undefined;
  const finishList = relist(history, feed);
  for (let step = 0; step < 40; step += 1) {
    const choice = pick(10);
    if (choice < 4 || history.version === 0) history.write(pick);
    else if (pick(8) === 0 && (watchedUpTo ?? 0) > 0) {
      // Twice, or late.
      feed({ input: 'watched', scope, event: history.eventAt(1 + pick(watchedUpTo ?? 1)) });
    } else if (choice < 7 && watchedUpTo !== undefined && watchedUpTo < history.version) {
      feed({ input: 'watched', scope, event: history.eventAt((watchedUpTo += 1)) });
    } else if (choice < 9) {
      const answer = history.answer(pick);
      const grave = pick(4) === 0 ? history.grave(pick) : undefined;
      if (grave !== undefined) feed({ input: 'forgotten', ...grave });
      else if (answer !== undefined) feed({ input: 'observed', object: answer });
    } else {
      watchedUpTo = finishList(pick, watchedUpTo);
    }
  }
  watchedUpTo ??= finishList(pick, undefined);
  while (watchedUpTo < history.version) feed({ input: 'watched', scope, event: history.eventAt((watchedUpTo += 1)) });

  const held = new Map([...view.entries()].map((entry) => [entry.ref.name, entry.object()]));
  expect(held).toEqual(history.membersAt(history.version));
  const named = [...history.listedAt(history.version).values()].map((object) => view.foreign(refOf(object))?.uid);
  expect(named.filter((uid) => uid !== undefined)).toHaveLength(named.length - held.size);
}

/** Lists in the middle of everything else: the snapshot is taken, the world goes on, the pages arrive. */
function relist(
  history: History,
  feed: (input: Input) => void,
): (pick: (limit: number) => number, watchedUpTo: number | undefined) => number {
  return (pick, watchedUpTo) => {
    // A list is never older than what its watch has told.
    const version = Math.max(watchedUpTo ?? 0, history.version);
    const members = history.listedAt(version);
    for (const object of members.values()) {
      feed(listed(object));
      if (pick(3) === 0) history.write(pick);
      const answer = pick(3) === 0 ? history.answer(pick) : undefined;
      if (answer !== undefined) feed(observed(answer));
    }
    feed(listEnds(String(version), ...members.keys()));
    return version;
  };
}

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Correction } from '../../src/domain/corrections.js';
import { formatInstant } from '../../src/domain/instant.js';
import { putCorrection, readCorrections, UnreadableCorrection } from '../../src/stores/corrections.js';
import type { Store } from '../../src/stores/store.js';
import { DAY, FEED, slotAt, ZONE } from '../cleaning/support/polls.js';
import { temporaryStores } from '../cleaning/support/stores.js';

const NOW = Date.UTC(2022, 0, 20, 12);
const PART = { from: slotAt(6), to: slotAt(12) };

const made = (over: Partial<Correction> = {}): Omit<Correction, 'id' | 'atMs'> => ({
  kind: 'exclude',
  feed: FEED,
  reason: 'wrong',
  by: 'me@host',
  ...PART,
  ...over,
});
const put = (raw: Store, over: Partial<Correction> = {}, nowMs = NOW, earlier: Correction[] = []) =>
  putCorrection(raw, made(over), { earlier, nowMs });
const keysOf = async (raw: Store) => {
  const keys: string[] = [];
  for await (const { key } of raw.list('corrections/')) keys.push(key);
  return keys;
};

it('are read as they were put, also by another process, and decide for the slots that they cover', async () => {
  const { raw } = temporaryStores();
  const stored = await put(raw);
  expect(await keysOf(raw)).toEqual([`corrections/${FEED}/${stored.id}.json`]);
  const corrections = await readCorrections(raw);
  expect(corrections.of(FEED)).toEqual([stored]);
  expect(corrections.of('bonn')).toEqual([]);
  expect([5, 6, 11, 12].map((at) => corrections.excludes(FEED, slotAt(at)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(corrections.ofDay(FEED, DAY, ZONE)).toEqual({ ranges: [PART], isWholeDay: false });
  expect(corrections.touching(FEED, DAY, ZONE)).toEqual([stored.id]);
  expect(corrections.touching(FEED, '2022-01-12', ZONE)).toEqual([]);
});

it('decide although the clock is behind that of an earlier correction', async () => {
  const { raw } = temporaryStores();
  const first = await put(raw, {}, NOW + 3_600_000);
  const second = await put(raw, { kind: 'include' }, NOW, [first]);
  expect(second.atMs).toBe(first.atMs + 1);
  expect((await readCorrections(raw)).excludedOf(FEED)).toEqual([]);
});

it('give the union of two raw stores one result, whichever is copied into the other', async () => {
  const [{ raw: ours }, { raw: theirs }] = [temporaryStores(), temporaryStores()];
  await put(ours, { to: slotAt(20) });
  await put(theirs, { kind: 'include', to: slotAt(9) }, NOW + 1_000);
  await put(theirs, { from: slotAt(8), reason: 'again' }, NOW + 2_000);
  const copy = async (from: Store, to: Store) => {
    for (const key of await keysOf(from)) await to.putNew(key, await from.get(key));
  };
  const { raw: union } = temporaryStores();
  await copy(theirs, union);
  await copy(ours, union);
  await copy(theirs, ours);
  const ranges = async (raw: Store) =>
    (await readCorrections(raw))
      .excludedOf(FEED)
      .map(({ from, to, correction: { reason } }) => ({ from, to, reason }));
  expect(await ranges(union)).toEqual([
    { from: slotAt(8), to: slotAt(12), reason: 'again' },
    { from: slotAt(12), to: slotAt(20), reason: 'wrong' },
  ]);
  expect(await ranges(ours)).toEqual(await ranges(union));
});

const VALID = {
  version: 1,
  kind: 'exclude',
  feed: FEED,
  from: '2022-01-11T00:00:00.000Z',
  to: '2022-01-12T00:00:00.000Z',
  reason: 'wrong',
  by: 'me@host',
  at: new Date(NOW).toISOString(),
};

/** Put a body under the key that its content determines, as the body of a correction of koeln. */
async function putBody(raw: Store, body: string): Promise<string> {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const key = `corrections/${FEED}/${formatInstant(NOW)}-${digest}.json`;
  await raw.put(key, Buffer.from(body));
  return key;
}

it.each<[string, string | object, RegExp]>([
  [
    'of a newer version',
    { ...VALID, version: 2, scope: 'charging points' },
    /newer version of Ladepuls: update/,
  ],
  ['that is no JSON', '{"version":1,', /is damaged: it is not JSON/],
  ['that is empty', '', /is damaged: it is not JSON/],
  ['without a version', {}, /is damaged: its content is not valid/],
  ['of an unknown kind', { ...VALID, kind: 'delete' }, /is damaged: its content is not valid/],
  ['of another feed', { ...VALID, feed: 'bonn' }, /does not match its key/],
  ['of another instant', { ...VALID, at: '2022-01-20T12:00:01.000Z' }, /does not match its key/],
  ['that ends where it begins', { ...VALID, to: VALID.from }, /does not match its key/],
  ['whose range is no time', { ...VALID, from: 'yesterday' }, /is damaged: its content is not valid/],
  ['with control characters', { ...VALID, reason: '\u001b[2J' }, /is damaged: its content is not valid/],
  ['with a reason of 10 MB', { ...VALID, reason: 'x'.repeat(10e6) }, /is damaged: it has 10000\d+ bytes/],
])('names an object %s, and the other feeds are read', async (_, content, message) => {
  const { raw } = temporaryStores();
  const key = await putBody(raw, typeof content === 'string' ? content : JSON.stringify(content));
  const other = await put(raw, { feed: 'bonn' });
  const corrections = await readCorrections(raw);
  expect(() => corrections.of(FEED)).toThrow(UnreadableCorrection);
  expect(() => corrections.ofDay(FEED, DAY, ZONE)).toThrow(message);
  expect(() => corrections.excludes(FEED, slotAt(0))).toThrow(key);
  expect(corrections.of('bonn')).toEqual([other]);
});

it('names an object that was cut short or changed', async () => {
  for (const change of [
    (body: Buffer) => body.subarray(0, 40),
    (body: Buffer) => Buffer.from(`${body.toString()} `),
  ]) {
    const { raw } = temporaryStores();
    const { id } = await put(raw);
    const key = `corrections/${FEED}/${id}.json`;
    await raw.put(key, change(await raw.get(key)));
    const corrections = await readCorrections(raw);
    expect(() => corrections.of(FEED)).toThrow(
      `${key} in the raw store is damaged: its content does not match`,
    );
  }
});

it('ignores objects whose keys have another form', async () => {
  const { raw } = temporaryStores();
  for (const key of ['corrections/notes.txt', `corrections/${FEED}/notes.json`, 'corrections/a/b/c.json'])
    await raw.put(key, Buffer.from('?'));
  expect((await readCorrections(raw)).feeds).toEqual([]);
});

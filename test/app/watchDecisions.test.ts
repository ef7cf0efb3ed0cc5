import { Writable } from 'node:stream';
import { pino } from 'pino';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { collectorId } from '../../src/stores/collectionLog.js';
import type { Store } from '../../src/stores/store.js';
import { watchDecisions } from '../../src/app/watchDecisions.js';
import { temporaryStores } from '../cleaning/support/stores.js';
import { contents, keysBelow } from '../importing/rawStore.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../warehouse/support/query.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  return () => database.drop();
});

/** Watch the warehouse, with a look every `everyMs` milliseconds. */
function watch(raw: Store, everyMs: number, url = database.url) {
  const lines: { level: number; msg: string }[] = [];
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()) as { level: number; msg: string });
      done();
    },
  });
  const watching = watchDecisions({ url, raw, log: pino(output) }, everyMs);
  onTestFinished(() => watching.close());
  return { watching, lines };
}

const NEVER_MS = 2_000_000_000;
const decide = (spelling: string) =>
  query(
    database.url,
    'delete from config.operator_spelling',
    `insert into config.operator_spelling values ('${spelling}', 'A')`,
  );
const copiesOf = async (raw: Store) =>
  [...(await contents(raw))].filter(([key]) => key.startsWith('config/')).map(([, csv]) => csv);

it('copies what was edited with plain SQL while it runs', async () => {
  const { raw } = temporaryStores();
  const { lines } = watch(raw, 20);
  await decide('by psql');
  await vi.waitUntil(async () => (await copiesOf(raw)).some((csv) => csv.includes('"by psql","A"')));
  await vi.waitUntil(() =>
    lines.some(({ msg }) => msg.startsWith('config.operator_spelling (1 row) was copied')),
  );
});

it('looks after a publication, whatever else it waits for', async () => {
  const { raw } = temporaryStores();
  const { watching } = watch(raw, NEVER_MS);
  await decide('published');
  watching.look();
  await watching.close();
  expect((await copiesOf(raw)).at(-1)).toContain('published');
});

it('tells once that the raw store is down, and copies when it is back', async () => {
  const { raw } = temporaryStores();
  let isDown = true;
  const flaky = Object.create(raw, {
    putNew: {
      value: (key: string, body: Uint8Array) =>
        isDown ? Promise.reject(new Error('S3 is down')) : raw.putNew(key, body),
    },
  }) as Store;
  await collectorId(raw);
  await decide('meanwhile');
  const { lines, watching } = watch(flaky, 10);
  await vi.waitUntil(() => lines.length > 0);
  for (let looks = 0; looks < 3; looks++) watching.look();
  isDown = false;
  await vi.waitUntil(async () => (await keysBelow(raw, 'config/')).length > 0);
  await watching.close();
  expect(lines.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([
    'the tables of schema config are not copied to the raw store yet: S3 is down. Copying is tried again.',
  ]);
});

it('waits for a database whose tables are not made yet', async () => {
  const empty = await createDatabase('nothing');
  onTestFinished(() => empty.drop());
  const { raw } = temporaryStores();
  const { watching, lines } = watch(raw, NEVER_MS, empty.url);
  watching.look();
  await watching.close();
  expect([lines, await keysBelow(raw, 'config/')]).toEqual([[], []]);
});

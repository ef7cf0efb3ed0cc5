import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyRawStore } from '../../src/importing/copyRawStore.js';
import { collectorId } from '../../src/stores/collectionLog.js';
import { putConfigCopy } from '../../src/stores/configCopies.js';
import type { Store } from '../../src/stores/store.js';
import { writeDecisions } from '../../src/warehouse/decisionsCsv.js';
import type { Decision } from '../../src/warehouse/decisions.js';
import { describeSynced, type SyncedDecisions, syncDecisions } from '../../src/warehouse/syncDecisions.js';
import { readDecisions, replaceDecisions } from '../../src/warehouse/open.js';
import { temporaryStores } from '../cleaning/support/stores.js';
import { contents, keysBelow } from '../importing/rawStore.js';
import { query } from './support/query.js';

/** A warehouse whose tables of schema `config` a test may edit and reset. */
export interface DecisionsBench {
  /** Address for Ladepuls. */
  address: string;
  /**
   * Address of the Postgres database that is the warehouse or is behind the stand-in for Redshift. The test edits
   * through it.
   */
  url: string;
}

const SPELLINGS: Decision[] = [
  { spelling: ' Rhein, "Energie"', operator: 'RheinEnergie' },
  { spelling: '=Größe\n2', operator: '' },
  { spelling: '\\.', operator: 'a\tb' },
];

/** Reset the tables of schema `config` to those of a new warehouse. */
async function makeNew({ url }: DecisionsBench): Promise<void> {
  await query(
    url,
    'delete from config.raw_copy',
    'delete from config.operator_spelling',
    'delete from config.status_group',
    `insert into config.status_group values ('AVAILABLE', 'available', false), ('CHARGING', 'occupied', true),
       ('RESERVED', 'occupied', false), ('BLOCKED', 'occupied', false), ('OUTOFORDER', 'out_of_service', false),
       ('INOPERATIVE', 'out_of_service', false), ('UNKNOWN', 'unknown', false)`,
  );
}

const spellings = ({ url }: DecisionsBench) =>
  query(url, 'select spelling, operator from config.operator_spelling order by 1');

let clock = Date.UTC(2026, 10, 30);
const keep = (
  { address }: DecisionsBench,
  raw: Store,
  { isThorough = true, nowMs = (clock += 1000) } = {},
): Promise<SyncedDecisions[]> => syncDecisions({ url: address, raw, nowMs, isThorough });

const edit = ({ url }: DecisionsBench, spelling: string, operator: string) =>
  query(
    url,
    `insert into config.operator_spelling (spelling, operator) values ('${spelling}', '${operator}')`,
  );

/** Define the tests of the promises about the tables of schema `config`, which hold on both databases. */
export function itKeepsDecisions(bench: () => DecisionsBench): void {
  const fresh = async () => {
    await makeNew(bench());
    return temporaryStores().raw;
  };

  it('copies nothing of a warehouse in which nobody has decided anything', async () => {
    const raw = await fresh();
    expect(await keep(bench(), raw)).toEqual([]);
    expect(await keysBelow(raw, 'config/')).toEqual([]);
  });

  it('copies what was edited with plain SQL, once, and brings it back in a new warehouse as it was', async () => {
    const raw = await fresh();
    await replaceDecisions(bench().address, 'operator_spelling', SPELLINGS);
    await query(bench().url, `update config.status_group set is_charging = true where status = 'BLOCKED'`);
    const tables = ['status_group', 'operator_spelling'] as const;
    const before = await Promise.all(tables.map((table) => readDecisions(bench().address, table)));
    const kept = await keep(bench(), raw, { isThorough: false });
    expect(kept.map(({ table, did, rows }) => [table, did, rows])).toEqual([
      ['status_group', 'copied', 7],
      ['operator_spelling', 'copied', 3],
    ]);
    const copies = await contents(raw);
    expect(await keep(bench(), raw)).toEqual([]);
    expect(await keep(bench(), raw, { isThorough: false })).toEqual([]);
    expect(await contents(raw)).toEqual(copies);

    await makeNew(bench());
    const restored = await Promise.all([keep(bench(), raw), keep(bench(), raw)]);
    expect(
      restored
        .flat()
        .map(({ table, did }) => [table, did])
        .sort(),
    ).toEqual([
      ['operator_spelling', 'restored'],
      ['status_group', 'restored'],
    ]);
    expect(await Promise.all(tables.map((table) => readDecisions(bench().address, table)))).toEqual(before);
    expect(await contents(raw), 'restoring writes nothing').toEqual(copies);
  });

  it('never replaces an edit by a copy, however old the edit is', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    await makeNew(bench());
    await edit(bench(), 'b', 'B');
    await keep(bench(), raw);
    expect(await spellings(bench())).toEqual([{ spelling: 'b', operator: 'B' }]);
    await makeNew(bench());
    await keep(bench(), raw);
    expect(await spellings(bench()), 'the newest copy is of that edit').toEqual([
      { spelling: 'b', operator: 'B' },
    ]);
  });

  it('knows an edit that makes a table what it was at first from a new warehouse', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    await query(bench().url, 'delete from config.operator_spelling');
    expect(await keep(bench(), raw)).toMatchObject([{ did: 'copied', rows: 0 }]);
    expect(await spellings(bench())).toEqual([]);
    await makeNew(bench());
    await keep(bench(), raw);
    expect(await spellings(bench())).toEqual([]);
  });

  it('goes by the order of copies where a clock goes backwards', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw, { nowMs: Date.UTC(2040, 0, 1) });
    await edit(bench(), 'b', 'B');
    await keep(bench(), raw);
    const before = await spellings(bench());
    await makeNew(bench());
    await keep(bench(), raw);
    expect(await spellings(bench())).toEqual(before);
  });

  it('copies later what could not be copied while the raw store was down', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await collectorId(raw);
    const down = Object.create(raw, {
      putNew: { value: () => Promise.reject(new Error('S3 is down')) },
    }) as Store;
    // The id is cached for each store object. This call caches the id of `down`, so that only the copy fails.
    await collectorId(down);
    await expect(keep(bench(), down)).rejects.toThrow('S3 is down');
    expect(await spellings(bench())).toHaveLength(1);
    expect(await keep(bench(), raw, { isThorough: false })).toMatchObject([{ did: 'copied' }]);
  });

  it('copies again where the raw store is another one, or has lost its copies', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    const other = temporaryStores().raw;
    expect(await keep(bench(), other, { isThorough: false })).toMatchObject([{ did: 'copied' }]);
    for (const key of await keysBelow(raw, 'config/')) await raw.remove(key);
    expect(await keep(bench(), raw)).toMatchObject([{ did: 'copied' }]);
  });

  it('prefers copies of its own raw store to newer ones of an imported one, and takes those where it has none', async () => {
    const [ours, theirs] = [await fresh(), temporaryStores().raw];
    await edit(bench(), 'ours', 'A');
    await keep(bench(), ours);
    await makeNew(bench());
    await edit(bench(), 'theirs', 'B');
    await keep(bench(), theirs);
    await copyRawStore(theirs, ours);
    await makeNew(bench());
    await keep(bench(), ours);
    expect(await spellings(bench())).toMatchObject([{ spelling: 'ours' }]);
    const empty = temporaryStores().raw;
    await collectorId(empty);
    await copyRawStore(theirs, empty);
    await makeNew(bench());
    await keep(bench(), empty);
    expect(await spellings(bench())).toMatchObject([{ spelling: 'theirs' }]);
  });

  it('a warehouse that was away takes what another one on its raw store was edited to since', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    const putByAnother = async (name: string, nowMs: number) => {
      const csv = writeDecisions('operator_spelling', [{ spelling: name, operator: 'B' }]);
      return putConfigCopy(raw, 'operator_spelling', csv, { newestMs: Date.now(), nowMs });
    };
    await putByAnother('b', Date.now() + 1_000);
    expect(await keep(bench(), raw)).toMatchObject([{ did: 'restored', rows: 1 }]);
    expect(await spellings(bench())).toEqual([{ spelling: 'b', operator: 'B' }]);
    expect(await keep(bench(), raw)).toEqual([]);

    const other = await putByAnother('c', Date.now() + 2_000);
    await edit(bench(), 'd', 'D');
    const [kept] = await keep(bench(), raw);
    expect(kept && describeSynced(kept)).toContain(
      `it replaces ${other}, a newer copy of another warehouse with this raw store`,
    );
    expect(await spellings(bench()), 'an edit is not replaced').toMatchObject([
      { spelling: 'b' },
      { spelling: 'd' },
    ]);
  });

  it('takes no older copy for the newest because of a raw store that does not answer', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    await edit(bench(), 'b', 'B');
    await keep(bench(), raw);
    const newest = (await keysBelow(raw, 'config/')).at(-1);
    const flaky = Object.create(raw, {
      get: {
        value: (key: string) => (key === newest ? Promise.reject(new Error('503 Slow Down')) : raw.get(key)),
      },
    }) as Store;
    await makeNew(bench());
    await expect(keep(bench(), flaky)).rejects.toThrow('503 Slow Down');
    expect(await spellings(bench())).toEqual([]);
    await keep(bench(), raw);
    expect(await spellings(bench())).toMatchObject([{ spelling: 'a' }, { spelling: 'b' }]);
  });

  it('takes the copy before where the newest is damaged, and names all where none is whole', async () => {
    const raw = await fresh();
    await edit(bench(), 'a', 'A');
    await keep(bench(), raw);
    await edit(bench(), 'b', 'B');
    await keep(bench(), raw);
    const [first = '', second = ''] = await keysBelow(raw, 'config/');
    await raw.put(second, Buffer.from('spelling,operator\n"x","y"\n'));
    await makeNew(bench());
    const [restored] = await keep(bench(), raw);
    expect(restored && describeSynced(restored)).toContain(
      `newer copies could not be used: ${second} is damaged: its content does not match the digest in its key`,
    );
    expect(await spellings(bench())).toEqual([{ spelling: 'a', operator: 'A' }]);
    await raw.put(first, Buffer.from(''));
    await makeNew(bench());
    await expect(keep(bench(), raw)).rejects.toThrow(
      /can't be restored, because none of its copies in the raw store can be used: .*; .*/s,
    );
    expect(await spellings(bench())).toEqual([]);
  });
}

/**
 * Define the test that the latest copied decisions are restored, whatever people do and whenever their warehouse is
 * lost.
 */
export function itKeepsDecisionsWhateverHappens(bench: () => DecisionsBench, numRuns: number): void {
  it('loses at most what was edited since the last look, whatever comes in which order', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('edit' as const),
        spelling: fc.constantFrom('a', 'b', 'c'),
        operator: fc.constantFrom('A', 'B', ''),
      }),
      fc.record({ do: fc.constant('look' as const), isThorough: fc.boolean() }),
      fc.record({ do: fc.constant('empty' as const) }),
      fc.record({ do: fc.constant('lose the warehouse' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const raw = temporaryStores().raw;
        await makeNew(bench());
        let kept: unknown[] | null = null;
        for (const one of steps) {
          if (one.do === 'empty') await query(bench().url, 'delete from config.operator_spelling');
          else if (one.do === 'edit')
            await query(
              bench().url,
              `delete from config.operator_spelling where spelling = '${one.spelling}'`,
              `insert into config.operator_spelling (spelling, operator) values ('${one.spelling}', '${one.operator}')`,
            );
          else if (one.do === 'look') {
            const before = await spellings(bench());
            await keep(bench(), raw, one);
            expect(await spellings(bench()), 'a look changes no edited table').toEqual(before);
            if (kept !== null || before.length > 0) kept = before;
          } else {
            await makeNew(bench());
            await keep(bench(), raw);
            expect(await spellings(bench())).toEqual(kept ?? []);
          }
        }
      }),
      { numRuns },
    );
  });
}

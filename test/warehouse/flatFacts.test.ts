import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseSlot } from '../../src/domain/slot.js';
import { getPlan, readWholeSets } from '../../src/stores/flat.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { readFacts } from '../cleaning/support/flatFiles.js';
import { putPoll } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { ABSENT_HINT, RECORDED_DAY, RECORDED_POLLS_ARE_ABSENT } from '../e2e/support/recordedPolls.js';
import { recordIntervals } from './reference/events.js';
import { answersOf, bodyOf, DAYS, fleet } from './reference/fleet.js';
import { emptyWarehouse } from './support/empty.js';
import { activitiesOf, type LoadBench, makeBench, newLoad, SMALL_CHUNKS, stepsOf } from './support/loads.js';
import { query } from './support/query.js';
import { importRecorded } from './support/recorded.js';

/** The fact views, each with its flat file. */
const VIEWS = [
  {
    view: 'status_chargingpoints',
    file: 'charging_point_status_span',
    key: 'id_status_cp',
    columns: ['id_chargingpoint', 'query_time', 'status_cp', 'status_parkingsensor', 'slot'],
  },
  {
    view: 'status_connectors',
    file: 'connector_status_span',
    key: 'id_status_connectors',
    columns: ['id_connector', 'query_time', 'status_connector', 'slot'],
  },
] as const;
const RUNS = process.env.LADEPULS_TEST_LONG ? 40 : 2;
const SIDE_BY_SIDE = 5;
const TIMEOUT_MS = 3_600_000;

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  return remove;
});

/** Load a day and keep its flat files. */
async function loadKeepingFiles(from: LoadBench, day: string): Promise<Load> {
  const load = newLoad(day);
  for (const { run } of stepsOf(from, load)) await run();
  return load;
}

const asInstant = (text: string) => new Date(text).toISOString();
const asLine = (values: unknown[]) => JSON.stringify(values);

/** Return the expected rows of a view for the load's day, derived from the flat files line by line. */
async function rowsOfFiles(flat: LoadBench['flat'], { day, run }: Load, view: (typeof VIEWS)[number]) {
  const plan = await getPlan(flat, day, run);
  const sets = await readWholeSets(flat, { day, run }, plan.chunks.flat());
  // If a feed slice was cleaned again and has no rows now, its earlier file still exists, but nobody reads it.
  const written = sets.filter(({ manifest }) => manifest.rows[view.file] > 0);
  const facts = await Promise.all(written.map(({ set }) => readFacts(flat, set, view.file)));
  return facts
    .flat()
    .map((fact) =>
      asLine([
        ...view.columns.map((column) => {
          const value = fact[column] ?? null;
          return value !== null && ['slot', 'query_time'].includes(column) ? asInstant(value) : value;
        }),
        day,
      ]),
    )
    .sort();
}

async function rowsOfView(day: string, { view, key, columns }: (typeof VIEWS)[number]) {
  const rows = await query(
    bench.url,
    `select ${key} as key, ${columns.join(', ')}, day::text as day from ${view} where day = '${day}'`,
  );
  const keys = rows.map((row) => String(row.key));
  expect(new Set(keys).size).toBe(keys.length);
  for (const row of rows) {
    const [id, slot] = String(row.key).split('@');
    expect([id, parseSlot(String(slot))]).toEqual([row[columns[0]], (row.slot as Date).getTime()]);
  }
  return rows
    .map((row) =>
      asLine(
        [...columns, 'day'].map((column) => {
          const value: unknown = row[column];
          return value instanceof Date ? value.toISOString() : value;
        }),
      ),
    )
    .sort();
}

async function expectSameRows(flat: LoadBench['flat'], load: Load): Promise<number> {
  let count = 0;
  for (const view of VIEWS) {
    const rows = await rowsOfView(load.day, view);
    expect(rows).toEqual(await rowsOfFiles(flat, load, view));
    count += rows.length;
  }
  return count;
}

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`the fact views of two recorded polls${ABSENT_HINT}`, () => {
  it('have the rows that the flat files stand for, each once', async () => {
    await importRecorded(bench.raw);
    expect(await expectSameRows(bench.flat, await loadKeepingFiles(bench, RECORDED_DAY))).toBe(10_478);
  });
});

describe('the fact views of any fleets', () => {
  it(
    'have the rows that the flat files stand for, each once',
    async () => {
      let facts = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fleet, { minLength: SIDE_BY_SIDE, maxLength: SIDE_BY_SIDE }),
          async (fleets) => {
            const stores = makeStores();
            try {
              await emptyWarehouse(bench.url);
              const { raw, flat } = stores;
              const activities = activitiesOf({
                raw,
                flat,
                warehouse: bench.warehouse,
                chunkSizes: SMALL_CHUNKS,
              });
              const answers = fleets.flatMap((one, number) => answersOf(one, number + 1));
              await recordIntervals(raw, new Set(answers.map(({ feed }) => feed)));
              await Promise.all(answers.map((answer) => putPoll(raw, { ...answer, body: bodyOf(answer) })));
              for (const day of DAYS)
                facts += await expectSameRows(
                  flat,
                  await loadKeepingFiles({ ...bench, raw, flat, activities }, day),
                );
            } finally {
              stores.remove();
            }
          },
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
      expect(facts).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { CHUNK_SIZES } from '../../src/domain/chunks.js';
import { runActivity } from '../activities/support/runActivity.js';
import { putPoll, ZONE } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { stagingSchema } from '../../src/warehouse/load/staging.js';
import type { Load } from '../../src/warehouse/warehouse.js';
import { examples } from '../support/sample.js';
import { recordIntervals } from './reference/events.js';
import { answersOf, bodyOf, DAYS, type Fleet, fleet } from './reference/fleet.js';
import { openEarlierForm } from './support/earlierForm.js';
import { emptyWarehouse } from './support/empty.js';
import { activitiesOf, type LoadBench, loadDay, makeBench, newLoad, stepsOf } from './support/loads.js';
import { query } from './support/query.js';
import { digestOfContent, loseAnswers, rebuild } from './support/rebuild.js';

/** Number of fleets that share one warehouse at a time; they share no entities. */
const SIDE_BY_SIDE = 25;
const RUNS = examples(1, 40);
const TIMEOUT_MS = 3_600_000;

const fleets = fc.array(fleet, { minLength: SIDE_BY_SIDE, maxLength: SIDE_BY_SIDE });
/** Days whose answers are lost, and which of each feed's answers: every one, every second or every seventh. */
const losses = fc.array(fc.record({ day: fc.constantFrom(...DAYS), every: fc.constantFrom(1, 2, 7) }), {
  minLength: 1,
  maxLength: 4,
});

/**
 * Return a fleet in which only records without an id are quarantined. A warehouse of rows does not tell these from other
 * quarantined records, so that other polls would be complete.
 */
function withoutOtherQuarantine(one: Fleet): Fleet {
  const points = one.points.map((phases) =>
    phases.map((phase) => ({ ...phase, status: phase.status ?? 'AVAILABLE' })),
  );
  return { ...one, feeds: ['a'], points };
}

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  return remove;
});

/** Load all days of some fleets into the bench's warehouse, from a raw store of their own, and run `work`. */
async function withLoaded(
  shown: Fleet[],
  work: (loaded: LoadBench, feeds: string[]) => Promise<void>,
): Promise<void> {
  const stores = makeStores();
  try {
    await emptyWarehouse(bench.url);
    const { raw, flat } = stores;
    const activities = activitiesOf({ raw, flat, warehouse: bench.warehouse, chunkSizes: CHUNK_SIZES });
    const loaded = { ...bench, raw, flat, activities };
    const answers = shown.flatMap((one, number) => answersOf(one, number + 1));
    const feeds = [...new Set(answers.map(({ feed }) => feed))];
    await recordIntervals(raw, feeds);
    await Promise.all(answers.map((answer) => putPoll(raw, { ...answer, body: bodyOf(answer) })));
    for (const day of DAYS) await loadDay(loaded, day);
    await work(loaded, feeds);
  } finally {
    stores.remove();
  }
}

/** Return the rows of each staging table of a checked load, without values that only a publication sets. */
async function staged(load: Load): Promise<Record<string, unknown[]>> {
  const schema = stagingSchema(load);
  const tables = await query(
    bench.url,
    `select relname as name from pg_class where relnamespace = '${schema}'::regnamespace and relname like 'new\\_%'
       and relkind = 'r' order by 1`,
  );
  const rows: Record<string, unknown[]> = {};
  for (const { name } of tables)
    rows[String(name)] = await query(
      bench.url,
      `select (to_jsonb(t) - 'complete' - 'inventory')::text as line from ${schema}.${String(name)} t order by 1`,
    );
  return rows;
}

it(
  'what is brought over of a published day is what cleaning makes of its answers, span for span',
  async () => {
    await fc.assert(
      fc.asyncProperty(fleets, async (shown) =>
        withLoaded(shown, async ({ activities, warehouse }) => {
          for (const day of DAYS) {
            const [cleaned, brought] = [newLoad(day), newLoad(day)];
            for (const { name, run } of stepsOf({ activities }, cleaned)) if (name !== 'publish') await run();
            await warehouse.open(brought);
            await warehouse.bringOver(brought);
            await warehouse.bringOver(brought);
            await warehouse.check(brought, { refusesSevere: false, timeZone: ZONE });
            expect(await staged(brought)).toEqual(await staged(cleaned));
            for (const load of [cleaned, brought]) await runActivity(activities.discardLoad, load);
          }
        }),
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

it(
  'whatever answers are gone, a warehouse of rows is rebuilt row for row',
  async () => {
    await fc.assert(
      fc.asyncProperty(fleets, losses, async (shown, lost) =>
        withLoaded(shown.map(withoutOtherQuarantine), async (loaded, feeds) => {
          const content = await digestOfContent(bench.url);
          const earlier = await openEarlierForm(loaded);
          for (const { day, every } of lost)
            for (const feed of feeds) await loseAnswers(loaded, feed, day, (index) => index % every === 0);
          await rebuild(earlier);
          expect(await digestOfContent(earlier.url)).toEqual(content);
        }),
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

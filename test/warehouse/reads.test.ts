import pMap from 'p-map';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyFacts } from '../../bench/copyFacts.js';
import { copyToHeap, HEAP, makeHeap } from '../../bench/heap.js';
import { explain } from '../../bench/plan.js';
import { type Asked, chooseAsked, type FactRelations, PUBLISHED, READS } from '../../bench/reads.js';
import { CHUNK_SIZES } from '../../src/domain/chunks.js';
import { slotsOfDay } from '../../src/domain/day.js';
import { type Fleet, simulateFleet } from '../../src/simulation/feed/fleet.js';
import { putPoll, ZONE } from '../cleaning/support/polls.js';
import { activitiesOf, type LoadBench, loadDay, makeBench } from './support/loads.js';

/**
 * Greatest work of a read right after the publication, in relation to its work after vacuum and analyze. Work is the
 * number of rows that all nodes of a plan return or remove. Work is compared instead of time, because a slow machine
 * changes the time, but only a wrong plan changes the work this much.
 */
const UNANALYZED = 2;
/**
 * The same limit for events, hours and their marts. These tables are small and left to autovacuum. Until then a read of
 * them may do more work, but not without limit.
 */
const UNANALYZED_MARTS = 20;
/**
 * Greatest work of a read in relation to the same read of facts stored as rows. A row of the heap corresponds to at
 * most a span, a poll and their join. In so small a fleet, joins read all spans of a day. A wrong plan has a factor of
 * hundreds.
 */
const HEAP_WORK = 25;
/** The same limit with many days, since the planner's errors grow with the number of days. */
const HEAP_WORK_LATER = 60;
/** Least work, in rows, that a read is compared with. Smaller differences do not matter. */
const LITTLE = 10_000;
/**
 * Time limit of a read in milliseconds. A read ends within a second even on a busy machine; with a wrong plan it may
 * never end.
 */
const NEVER_MS = 30_000;

const [FIRST, SECOND] = ['2022-01-11', '2022-01-12'];
/**
 * Number of earlier days. The planner does not know that a day has slots of its own. Its statistics of all days must be
 * good enough for a single day.
 */
const DAYS_BEFORE = 100;
const FEEDS = Array.from({ length: 12 }, (_, number) => `feed${number + 1}`);
const WRITES_AT_ONCE = 24;

/** Publications into one warehouse, in this order. */
const PUBLICATIONS = [
  { published: 'the first load', day: FIRST, seed: 1 },
  { published: 'the next day', day: SECOND, seed: 1 },
  { published: 'a day again, with other statuses', day: SECOND, seed: 2 },
];

let bench: LoadBench;
let client: pg.Client;

beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = { ...made, activities: activitiesOf({ ...made, chunkSizes: CHUNK_SIZES }) };
  client = new pg.Client({ connectionString: made.url });
  await client.connect();
  await client.query(`set statement_timeout = ${NEVER_MS}`);
  await makeHeap(client);
  await neverAutovacuum();
  return remove;
});

// Runs before the bench is removed, which drops the database.
afterAll(() => client.end());

/** Switch autovacuum off, so that the publication must do all the work that autovacuum would do by chance. */
async function neverAutovacuum(): Promise<void> {
  await client.query(
    `do $$ declare target regclass; begin
       for target in select oid from pg_class
         where relkind = 'r' and relnamespace in ('public'::regnamespace, 'ops'::regnamespace, 'observation'::regnamespace)
       loop
         execute format('alter table %s set (autovacuum_enabled = off)', target);
       end loop;
     end $$`,
  );
}

async function putDay(fleet: Fleet, day: string): Promise<void> {
  const polls = slotsOfDay(day, ZONE, 10).flatMap((slot) => FEEDS.map((feed) => ({ slot, feed })));
  await pMap(
    polls,
    ({ feed, slot }) =>
      putPoll(bench.raw, { feed, slot, body: Buffer.from(fleet.envelope(feed, slot, slot + 2_000)) }),
    { concurrency: WRITES_AT_ONCE },
  );
}

/** Return the work of every read in rows; Infinity for a read that does not end. */
async function workOfReads(facts: FactRelations, asked: Asked, reads = READS): Promise<Map<string, number>> {
  const works = new Map<string, number>();
  for (const { name, sql } of reads)
    works.set(
      name,
      await explain(client, sql(facts, asked)).then(
        ({ work }) => work,
        (error: unknown) => {
          if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) return Infinity;
          throw error;
        },
      ),
    );
  return works;
}
const QUERY_CANCELED = '57014';

/** Return the reads whose work exceeds the limit in relation to the compared work, with the factor. */
function exceeding(
  works: Map<string, number>,
  compared: Map<string, number>,
  limits: { facts: number; marts: number },
  reads = READS,
): string[] {
  return reads.flatMap(({ name, kind }) => {
    const least = Math.max(compared.get(name) ?? NaN, LITTLE);
    const times = (works.get(name) ?? NaN) / least;
    return times <= (kind === 'mart' ? limits.marts : limits.facts) ? [] : [`${name}: ${times.toFixed(1)}`];
  });
}

describe.each(PUBLICATIONS)(
  'right after the publication of $published, without autovacuum',
  ({ day, seed }) => {
    let published: Map<string, number>;
    let analyzed: Map<string, number>;
    let heap: Map<string, number>;

    beforeAll(async () => {
      await putDay(simulateFleet({ seed, feeds: FEEDS, stationsPerFeed: 4, timeZone: ZONE }), day);
      await loadDay(bench, day);
      const asked = await chooseAsked(client, day);
      published = await workOfReads(PUBLISHED, asked);
      await client.query('vacuum analyze');
      analyzed = await workOfReads(PUBLISHED, asked);
      await copyToHeap(client, day);
      await client.query('vacuum analyze');
      heap = await workOfReads(HEAP, asked);
    }, 600_000);

    it(`no read of facts goes through more than ${UNANALYZED} times the rows that it does once all is analyzed`, () => {
      expect(exceeding(published, analyzed, { facts: UNANALYZED, marts: UNANALYZED_MARTS })).toEqual([]);
    });

    it('no read goes through rows without end, compared with the same facts in a heap', () => {
      expect(exceeding(published, heap, { facts: HEAP_WORK, marts: UNANALYZED_MARTS })).toEqual([]);
    });
  },
);

describe('after a hundred days', () => {
  let asked: Asked;
  beforeAll(async () => {
    for (let back = 2; back <= DAYS_BEFORE; back++) await copyFacts(client, SECOND, back);
    await loadDay(bench, SECOND);
    asked = await chooseAsked(client, SECOND);
  }, 600_000);

  it('no read of one day goes through rows without end, compared with the same facts in a heap', async () => {
    const ofOneDay = READS.filter(
      ({ kind, sql }) => kind !== 'mart' && sql(PUBLISHED, asked).includes(`day = ${asked.day}`),
    );
    expect(ofOneDay.map(({ name }) => name)).toContain('a day joined with itself by point and slot');
    const [published, heap] = [
      await workOfReads(PUBLISHED, asked, ofOneDay),
      await workOfReads(HEAP, asked, ofOneDay),
    ];
    expect(exceeding(published, heap, { facts: HEAP_WORK_LATER, marts: NaN }, ofOneDay)).toEqual([]);
  });
});

import pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type Fact, FACTS } from '../load/fact.js';
import { type Load, LoadOutdated } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/** Return the table of a fact's status spans, in the schema of the load's warehouse. */
export function spanTable({ name }: Fact, load: Pick<Load, 'isRebuild'>): string {
  return `${schemasOf(load).observation}.${name}_span`;
}

/** Return the tables that the fact views read, in the schemas of the load's warehouse. */
function readTables(load: Pick<Load, 'isRebuild'>): string[] {
  return [...FACTS.map((fact) => spanTable(fact, load)), `${schemasOf(load).ops}.poll`];
}

/**
 * Tables that readers join with facts, in the schemas of a publication. After a first load, these tables are as new as
 * the facts, and lack statistics too.
 */
const JOINED_TABLES = [
  '"time"',
  'charging_station',
  'charging_point',
  'connector',
  'charging_station_history',
  'charging_point_history',
  'connector_history',
];

/**
 * Return the staging table with the status spans that a publication inserts. Unlike the copied status spans, they are
 * joined over chunks and sorted.
 */
function stagedTable({ name }: Fact): string {
  return `new_${name}_span`;
}

/**
 * Create the table that {@link stageSpans} fills. Of each span, the table also has the number of polls that the span
 * covers, and the slot of its feed's poll before it.
 */
export function createStagedTable(fact: Fact, load: Load): string {
  return `
    create unlogged table ${stagedTable(fact)} (
      like ${spanTable(fact, load)} including defaults, polls bigint not null, slot_before timestamptz
    )`;
}

/** Query for the day's polls, each with the slot of the feed's poll before it. */
const NUMBERED_POLLS =
  'select feed, slot, lag(slot) over (partition by feed order by slot) as slot_before from new_poll';

/**
 * Make the status spans that the publication inserts, in staging. If a feed's day was cleaned in several chunks, some
 * copied spans end with their chunk. Join spans that have equal statuses and no poll of the feed between them.
 *
 * Idempotent. Call when `new_poll` has the polls of the whole day, also those before an addition. The spans are sorted
 * by entity and slot, so that the spans of a charging point's day are stored together.
 */
export async function stageSpans(client: pg.PoolClient, fact: Fact, { day }: Load): Promise<void> {
  const { id, columns, spans } = fact;
  const statuses = columns.join(', ');
  const seen = ['feed', ...columns].map((column) => `span.${column}`).join(', ');
  await client.query(`truncate ${stagedTable(fact)}`);
  await client.query(
    `insert into ${stagedTable(fact)} (day, ${id}, feed, ${statuses}, first_slot, last_slot, slot_before, polls)
     with numbered as (${NUMBERED_POLLS}), compared as (
       select span.*, poll.slot_before, (
         slot_before is null
         or (${seen}, slot_before) is distinct from lag((${seen}, last_slot)) over in_order
       ) as begins
       from new_${spans} span
       join numbered poll on poll.feed = span.feed and poll.slot = span.first_slot
       window in_order as (partition by ${id} order by first_slot)
     ), grouped as (
       select *, count(*) filter (where begins) over (partition by ${id} order by first_slot) as number from compared
     )
     select ${pg.escapeLiteral(day)}::date, ${id}, feed, ${statuses},
       min(first_slot), max(last_slot), min(slot_before), sum(polls)
     from grouped group by ${id}, number, feed, ${statuses} order by ${id}, min(first_slot)`,
  );
}

/** Replace the day's status spans by those of the load, or add to them if the load is an addition. */
export async function publishSpans(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    await requireStaged(client, fact, load);
    if (load.addsTo === undefined)
      await client.query(`delete from ${spanTable(fact, load)} where day = $1`, [load.day]);
    else await extendSpans(client, fact, load);
    await insertSpans(client, fact, load);
  }
}

/**
 * Check that the staged spans stand for all facts that were copied.
 *
 * @throws LoadOutdated when they do not, because a worker of an earlier version has checked the load
 */
async function requireStaged(client: pg.PoolClient, fact: Fact, { day }: Load): Promise<void> {
  const { rows } = await client.query<{ staged: string; copied: string }>(
    `select (select coalesce(sum(polls), 0) from ${stagedTable(fact)}) as staged,
       (select coalesce(sum(polls), 0) from new_${fact.spans}) as copied`,
  );
  const [staged, copied] = [Number(rows[0]?.staged), Number(rows[0]?.copied)];
  if (staged !== copied)
    throw new LoadOutdated(
      `the spans of ${day} in staging stand for ${staged} facts instead of ${copied}: the day is loaded anew`,
    );
}

/**
 * Extend the published spans that continue in the first polls of the load, and delete the continuations from the staged
 * spans.
 */
async function extendSpans(client: pg.PoolClient, fact: Fact, load: Load): Promise<void> {
  const { id, columns } = fact;
  const staged = stagedTable(fact);
  await client.query(
    `with extended as (
       update ${spanTable(fact, load)} span set last_slot = made.last_slot
       from ${staged} made
       where span.day = $1 and span.${id} = made.${id} and span.feed = made.feed and span.last_slot = made.slot_before
         and ${columns.map((column) => `span.${column} is not distinct from made.${column}`).join(' and ')}
       returning made.${id}, made.first_slot
     )
     delete from ${staged} made using extended
     where made.${id} = extended.${id} and made.first_slot = extended.first_slot`,
    [load.day],
  );
}

async function insertSpans(client: pg.PoolClient, fact: Fact, load: Load): Promise<void> {
  const columns = ['first_slot', 'last_slot', 'day', 'feed', fact.id, ...fact.columns].join(', ');
  await client.query(
    `insert into ${spanTable(fact, load)} (${columns}) select ${columns} from ${stagedTable(fact)}`,
  );
}

/** Delete the day's status spans. Return the number of rows that the fact's view loses. */
export async function removeSpans(client: pg.PoolClient, fact: Fact, day: Day): Promise<number> {
  const { rows } = await client.query<{ facts: string }>(
    `select count(*) as facts from ${fact.view} where day = $1`,
    [day],
  );
  await client.query(`delete from ${spanTable(fact, {})} where day = $1`, [day]);
  return Number(rows[0]?.facts);
}

/** Number of days up to which the planner's own statistics suffice. */
const FEW_DAYS = 10;
/** Number of slots in ten days. With a smaller number, a query for one slot would no longer use an index scan. */
const TOLD_SLOTS = 1440;

/**
 * Tell the planner lower numbers of days and slots than `poll` has, to correct two of its estimates.
 *
 * The planner does not know that polls of one day share their slots and polls of different days do not. Therefore it
 * estimates a self-join of a day's facts by slot too small, by a factor of one thousand in the third year. It also
 * assumes that a status span covers a ninth of the polls of its feed and day, whatever the statistics say. With fewer
 * days and slots, the planner assumes more polls per day, and both estimates come close to the truth.
 */
async function tellDays(client: pg.PoolClient, load: Load): Promise<void> {
  const { rows } = await client.query<{ days: string }>(
    'select count(distinct day) as days from day_revision',
  );
  const days = Number(rows[0]?.days);
  if (days <= FEW_DAYS) return;
  // A quarter of the days or less, rounded down to a power of two. The table is then altered only a few times in its
  // life.
  const told = 2 ** Math.floor(Math.log2(days / 4));
  const poll = `${schemasOf(load).ops}.poll`;
  const { rows: options } = await client.query<{ options: string[] | null }>(
    `select attoptions as options from pg_attribute where attrelid = $1::regclass and attname = 'day'`,
    [poll],
  );
  if (options[0]?.options?.includes(`n_distinct=${told}`)) return;
  await client.query(
    `alter table ${poll} alter column day set (n_distinct = ${told}), alter column slot set (n_distinct = ${TOLD_SLOTS})`,
  );
}

/**
 * Analyze the tables that the fact views read, and the tables that facts are joined with.
 *
 * Call in the publication. Most readers read the newest day, and without its statistics a self-join of facts takes
 * minutes. Readers do not wait for this call. It waits up to a minute for a running vacuum.
 */
export async function analyzeFacts(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query(`set local lock_timeout = '60s'`);
  await tellDays(client, load);
  await client.query(`analyze ${[...readTables(load), ...JOINED_TABLES].join(', ')}`);
}

/**
 * Mark the pages of published rows as visible to all, so that polls can be read by index-only scans. Call after the
 * publication. A table that another vacuum holds is skipped, because autovacuum does the same later.
 */
export async function vacuumFacts(pool: pg.Pool, load: Pick<Load, 'isRebuild'>): Promise<void> {
  await pool.query(`vacuum (skip_locked) ${readTables(load).join(', ')}`);
}

import pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type Fact, FACTS } from '../load/fact.js';
import type { Load } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/** The table of a fact's status spans, in the schema of a load's warehouse. */
export function spanTable({ name }: Fact, load: Pick<Load, 'isRebuild'>): string {
  return `${schemasOf(load).observation}.${name}_span`;
}

/** The tables that the fact views read, in the schemas of a load's warehouse. */
function readTables(load: Pick<Load, 'isRebuild'>): string[] {
  return [...FACTS.map((fact) => spanTable(fact, load)), `${schemasOf(load).ops}.poll`];
}

/** What readers join facts with, in the schemas of a publication: after a first load, as new as the facts. */
const JOINED_TABLES = [
  '"time"',
  'charging_station',
  'charging_point',
  'connector',
  'charging_station_history',
  'charging_point_history',
  'connector_history',
];

/** Replaces the day's status spans by those of the load. */
async function replaceSpans(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    await client.query(`delete from ${spanTable(fact, load)} where day = $1`, [load.day]);
    await makeSpans(client, fact, load);
    await insertSpans(client, fact, load);
  }
}

/**
 * Adds the load's status spans to those of the day. A span that goes on gets a later last slot; the others are new.
 * Call where `new_poll` has the polls of the whole day.
 */
async function addSpans(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    await makeSpans(client, fact, load);
    await extendSpans(client, fact, load);
    await insertSpans(client, fact, load);
  }
}

/** Replaces the day's status spans, or adds to them where the load is an addition. */
export async function publishSpans(client: pg.PoolClient, load: Load): Promise<void> {
  await (load.addsTo === undefined ? replaceSpans(client, load) : addSpans(client, load));
}

/** The feed's polls of the day, each with the one before. */
const NUMBERED_POLLS =
  'select feed, slot, lag(slot) over (partition by feed order by slot) as slot_before from new_poll';

/**
 * Makes the temporary table `made_span` of the load's status spans. A feed's day that was cleaned in chunks has spans that
 * end with their chunk: those become one that have equal statuses and no poll of the feed between them.
 */
async function makeSpans(client: pg.PoolClient, fact: Fact, { day }: Load): Promise<void> {
  const { id, columns, spans } = fact;
  const statuses = columns.join(', ');
  const seen = ['feed', ...columns].map((column) => `span.${column}`).join(', ');
  await client.query(
    `create temp table made_span on commit drop as
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
     select ${pg.escapeLiteral(day)}::date as day, ${id}, feed, ${statuses},
       min(first_slot) as first_slot, max(last_slot) as last_slot, min(slot_before) as slot_before
     from grouped group by ${id}, number, feed, ${statuses}`,
  );
}

/** Extends the published spans that the load's first polls go on with, and takes those out of `made_span`. */
async function extendSpans(client: pg.PoolClient, fact: Fact, load: Load): Promise<void> {
  const { id, columns } = fact;
  await client.query(
    `with extended as (
       update ${spanTable(fact, load)} span set last_slot = made.last_slot
       from made_span made
       where span.day = $1 and span.${id} = made.${id} and span.feed = made.feed and span.last_slot = made.slot_before
         and ${columns.map((column) => `span.${column} is not distinct from made.${column}`).join(' and ')}
       returning made.${id}, made.first_slot
     )
     delete from made_span using extended
     where made_span.${id} = extended.${id} and made_span.first_slot = extended.first_slot`,
    [load.day],
  );
}

/** Inserts the spans by entity and slot, so that a charging point's day is read at once. */
async function insertSpans(client: pg.PoolClient, fact: Fact, load: Load): Promise<void> {
  const columns = ['first_slot', 'last_slot', 'day', 'feed', fact.id, ...fact.columns].join(', ');
  await client.query(
    `insert into ${spanTable(fact, load)} (${columns})
     select ${columns} from made_span order by ${fact.id}, first_slot`,
  );
  await client.query('drop table made_span');
}

/** Removes the day's status spans. Returns how many rows the fact's view loses. */
export async function removeSpans(client: pg.PoolClient, fact: Fact, day: Day): Promise<number> {
  const { rows } = await client.query<{ facts: string }>(
    `select count(*) as facts from ${fact.view} where day = $1`,
    [day],
  );
  await client.query(`delete from ${spanTable(fact, {})} where day = $1`, [day]);
  return Number(rows[0]?.facts);
}

/** Up to so many days, the planner's own statistics do. */
const FEW_DAYS = 10;
/** Slots of ten days: with fewer, a look at one slot would no longer be an index scan. */
const TOLD_SLOTS = 1440;

/**
 * Tells the planner of fewer days and slots than polls have. Polls of one day share their slots, polls of different days
 * none: knowing neither, it takes a day of facts that is joined with itself by slot for a thousand times smaller in the
 * third year than it is. And of a feed's day it takes a ninth for what a status span covers, whatever statistics say. Told
 * of more polls a day than there are, it comes near to the truth of both.
 */
async function tellDays(client: pg.PoolClient, load: Load): Promise<void> {
  const { rows } = await client.query<{ days: string }>(
    'select count(distinct day) as days from day_revision',
  );
  const days = Number(rows[0]?.days);
  if (days <= FEW_DAYS) return;
  // A quarter or less, in powers of two: the table is altered a few times in its life.
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
 * Analyzes what the fact views read, and the tables that facts are joined with. Call in the publication: the newest day
 * is what everybody reads, and without statistics of it a join of facts with themselves takes minutes. Readers do not wait
 * for it; it waits for a vacuum, up to a minute.
 */
export async function analyzeFacts(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query(`set local lock_timeout = '60s'`);
  await tellDays(client, load);
  await client.query(`analyze ${[...readTables(load), ...JOINED_TABLES].join(', ')}`);
}

/**
 * Marks the pages of what was published as visible to all, so that polls are read from their index alone. Call behind the
 * publication. Autovacuum does the same later; so a table that another vacuum holds is left to that.
 */
export async function vacuumFacts(pool: pg.Pool, load: Pick<Load, 'isRebuild'>): Promise<void> {
  await pool.query(`vacuum (skip_locked) ${readTables(load).join(', ')}`);
}

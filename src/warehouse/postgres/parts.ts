import type pg from 'pg';
import { FLAT_FILES, RUN_COLUMNS } from '../../domain/flatFiles.js';
import { type Dimension, DIMENSIONS } from '../dimensions.js';

/** What tells one finding from another, as cleaning does within a part. */
export const FINDINGS = {
  quarantine: 'feed, entity, coalesce(id, path), reason',
  field_issue: "feed, entity, coalesce(id, ''), field, reason",
} as const;

/**
 * Makes of what was cleaned in parts what cleaning the whole day of these feeds would have made: runs that go on in the
 * next part become one, and so do equal findings. Call where the load's tables are found. Doing it again changes nothing.
 */
export async function joinParts(client: pg.PoolClient, feeds: readonly string[]): Promise<void> {
  if (feeds.length === 0) return;
  for (const dimension of DIMENSIONS) await joinRuns(client, dimension, feeds);
  for (const table of ['quarantine', 'field_issue'] as const) await joinFindings(client, table, feeds);
}

/** A run goes on in the next one where that has equal content, and no poll of the feed stands between them. */
async function joinRuns(
  client: pg.PoolClient,
  { run, id, columns }: Dimension,
  feeds: readonly string[],
): Promise<void> {
  const content = (row: string) => columns.map((column) => `(${row}).${column}`).join(', ');
  await client.query(
    `create temp table joined_run on commit drop as
     with counted as (
       select feed, slot, row_number() over (partition by feed order by slot) as number from new_poll where feed = any($1)
     ), following as (
       select run, run.${id} as id, run.feed, first_slot, last_slot, first_poll.number as first_number,
         lag(run) over in_order as before, lag(last_poll.number) over in_order as before_number
       from new_${run} run
       join counted first_poll on first_poll.feed = run.feed and first_poll.slot = first_slot
       join counted last_poll on last_poll.feed = run.feed and last_poll.slot = last_slot
       window in_order as (partition by run.feed, run.${id} order by first_slot)
     ), numbered as (
       select *, count(*) filter (
         where before_number is null or first_number > before_number + 1
           or (${content('run')}) is distinct from (${content('before')})
       ) over (partition by feed, id order by first_slot) as number
       from following
     )
     select id, feed, min(first_slot) as first_slot, max(last_slot) as last_slot, sum((run).polls) as polls,
       (array_agg(run order by first_slot))[1] as run
     from numbered group by id, feed, number`,
    [feeds],
  );
  await client.query(`delete from new_${run} where feed = any($1)`, [feeds]);
  await client.query(`
    insert into new_${run} (${id}, ${RUN_COLUMNS.join(', ')}, ${columns.join(', ')})
    select id, feed, first_slot, last_slot, polls, ${content('run')} from joined_run`);
  await client.query('drop table joined_run');
}

/** The first place counts, and all occurrences. */
async function joinFindings(
  client: pg.PoolClient,
  table: keyof typeof FINDINGS,
  feeds: readonly string[],
): Promise<void> {
  const columns = FLAT_FILES[table].join(', ');
  const joined = FLAT_FILES[table].map((column) => {
    if (column === 'last_slot') return 'max(last_slot) over same as last_slot';
    return column === 'occurrences' ? 'sum(occurrences) over same as occurrences' : column;
  });
  await client.query(
    `create temp table joined_finding on commit drop as
     select distinct on (${FINDINGS[table]}) ${joined.join(', ')}
     from new_${table} where feed = any($1)
     window same as (partition by ${FINDINGS[table]})
     order by ${FINDINGS[table]}, first_slot`,
    [feeds],
  );
  await client.query(`delete from new_${table} where feed = any($1)`, [feeds]);
  await client.query(`insert into new_${table} (${columns}) select ${columns} from joined_finding`);
  await client.query('drop table joined_finding');
}

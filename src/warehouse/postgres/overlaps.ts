import type pg from 'pg';
import { RUN_COLUMNS } from '../../domain/flatFiles.js';
import { type Dimension, DIMENSIONS } from '../dimensions.js';
import { FACTS } from './facts.js';

/**
 * Splits the runs of entities that two feeds showed alternately, so that no two runs of an entity overlap: where one
 * feed was not polled in a slot, its run goes on over that slot, and the other feed's begins there. Call where the
 * load's tables are found, after each slot of an entity is left to one feed. Doing it again changes nothing.
 */
export async function splitOverlaps(client: pg.PoolClient): Promise<void> {
  for (const runs of [...DIMENSIONS, ...FACTS]) await split(client, runs);
}

/** Runs of any kind: of entities, or of statuses. */
export type Runs = Pick<Dimension, 'run' | 'id' | 'columns'>;

async function split(client: pg.PoolClient, runs: Runs): Promise<void> {
  // Mostly there are none, and nothing else is to be looked at: which a planner, asked for all in one, would not believe.
  const { rows } = await client.query<{ id: string | number }>(OVERLAPPING(runs));
  if (rows.length === 0) return;
  const { run, id, columns } = runs;
  const contents = columns.map((column) => `(run).${column}`).join(', ');
  await client.query(
    `create temp table split_run on commit drop as
    with seen as (
      select run.${id} as id, poll.slot, run from new_${run} run join new_poll poll on poll.feed = run.feed
        and poll.slot between run.first_slot and run.last_slot
      where run.${id} = any($1)
    ), flagged as (
      select *, run is distinct from lag(run) over (partition by id order by slot) as begins from seen
    ), numbered as (
      select *, count(*) filter (where begins) over (partition by id order by slot) as number from flagged
    )
    select id, min(slot) as first_slot, max(slot) as last_slot, count(*) as polls, (array_agg(run))[1] as run
    from numbered group by id, number`,
    [rows.map((row) => row.id)],
  );
  await client.query(`delete from new_${run} where ${id} in (select id from split_run)`);
  await client.query(`
    insert into new_${run} (${id}, ${RUN_COLUMNS.join(', ')}, ${columns.join(', ')})
    select id, (run).feed, first_slot, last_slot, polls, ${contents} from split_run`);
  await client.query('drop table split_run');
}

/** The entities that feeds showed by turns. */
const OVERLAPPING = ({ run, id }: Runs) => `
  with shared as (
    select ${id} as id, feed, first_slot, last_slot from new_${run}
    where ${id} in (select ${id} from new_${run} group by ${id} having min(feed) <> max(feed))
  )
  select distinct a.id from shared a join shared b on a.id = b.id and a.feed <> b.feed
    and a.first_slot <= b.last_slot and b.first_slot <= a.last_slot`;

import type pg from 'pg';
import { RUN_COLUMNS } from '../../domain/flatFiles.js';
import type { Dialect } from './dialect.js';
import { type Dimension, DIMENSIONS } from '../dimensions.js';
import { FACTS } from './fact.js';
import { list } from './tables.js';
import { withTemporary } from './temporary.js';

/** Spans of any kind: of an entity's content, or of its statuses. */
type Runs = Pick<Dimension, 'run' | 'id' | 'columns'>;

/**
 * Splits the runs of entities that two feeds showed alternately, so that no two runs of an entity overlap: where one
 * feed was not polled in a slot, its run goes on over that slot, and the other feed's begins there. Call where the
 * load's tables are found, after each slot of an entity is left to one feed. Doing it again changes nothing.
 */
export async function splitOverlaps(client: pg.PoolClient, { words }: Dialect): Promise<void> {
  const joined = words.joinedBy('id');
  for (const runs of [...DIMENSIONS, ...FACTS])
    await withTemporary(client, 'overlapping', joined, OVERLAPPING(runs), async () => {
      // Mostly there are none, and nothing else is to be looked at: which a planner, asked for all in one, would not believe.
      const { rows } = await client.query('select id from overlapping limit 1');
      if (rows.length === 0) return;
      await withTemporary(client, 'split_run', joined, SPLIT(runs), () => replace(client, runs));
    });
}

/** The entities that feeds showed by turns. */
const OVERLAPPING = ({ run, id }: Runs) => `
  with shared as (
    select ${id} as id, feed, first_slot, last_slot from new_${run}
    where ${id} in (select ${id} from new_${run} group by ${id} having min(feed) <> max(feed))
  )
  select distinct a.id from shared a join shared b on a.id = b.id
  where a.feed <> b.feed and a.first_slot <= b.last_slot and b.first_slot <= a.last_slot`;

/** A run is known by its entity, feed and first slot. */
const SPLIT = ({ run, id, columns }: Runs) => `
  with seen as (
    select run.${id} as id, poll.slot, run.feed, run.first_slot as run_slot
    from new_${run} run
    join overlapping on overlapping.id = run.${id}
    join new_poll poll on poll.feed = run.feed and poll.slot between run.first_slot and run.last_slot
  ), flagged as (
    select id, slot, feed, run_slot,
      case
        when lag(feed) over (partition by id order by slot) = feed
          and lag(run_slot) over (partition by id order by slot) = run_slot then 0
        else 1
      end as begins
    from seen
  ), numbered as (
    select id, slot, feed, run_slot, sum(begins) over (partition by id order by slot rows unbounded preceding) as number
    from flagged
  ), part as (
    select id, feed, run_slot, number, min(slot) as first_slot, max(slot) as last_slot, count(*) as polls
    from numbered group by id, feed, run_slot, number
  )
  select part.id, part.feed, part.first_slot, part.last_slot, part.polls, ${list(columns, 'run.')}
  from part
  join new_${run} run on run.${id} = part.id and run.feed = part.feed and run.first_slot = part.run_slot`;

async function replace(client: pg.PoolClient, { run, id, columns }: Runs): Promise<void> {
  await client.query(`delete from new_${run} using split_run where new_${run}.${id} = split_run.id`);
  await client.query(
    `insert into new_${run} (${id}, ${list([...RUN_COLUMNS, ...columns])})
     select id, ${list([...RUN_COLUMNS, ...columns])} from split_run`,
  );
}

import type pg from 'pg';
import { SPAN_COLUMNS } from '../../domain/flatFiles.js';
import type { Dialect } from './dialect.js';
import { type Dimension, DIMENSIONS } from '../dimensions.js';
import { FACTS } from './fact.js';
import { list } from './tables.js';
import { withTemporary } from './temporary.js';

/** Content spans of a dimension, or status spans of a fact. */
type Spans = Pick<Dimension, 'spans' | 'id' | 'columns'>;

/**
 * Split the spans of entities that two feeds showed alternately, so that no two spans of an entity overlap.
 *
 * If one feed was not polled in a slot, its span continues over that slot, in which a span of the other feed may begin.
 * Idempotent. Call when the search path has the load's staging schema, after each slot of an entity belongs to one
 * feed.
 */
export async function splitOverlaps(client: pg.PoolClient, { words }: Dialect): Promise<void> {
  const joined = words.joinedBy('id');
  for (const each of [...DIMENSIONS, ...FACTS])
    await withTemporary(client, 'overlapping', joined, OVERLAPPING(each), async () => {
      // Usually no entity overlaps. An explicit test avoids the large joins below, because the planner can't know that
      // in one statement.
      const { rows } = await client.query('select id from overlapping limit 1');
      if (rows.length === 0) return;
      await withTemporary(client, 'split_span', joined, SPLIT(each), () => replace(client, each));
    });
}

/** Query for the entities that have overlapping spans of different feeds. */
const OVERLAPPING = ({ spans, id }: Spans) => `
  with shared as (
    select ${id} as id, feed, first_slot, last_slot from new_${spans}
    where ${id} in (select ${id} from new_${spans} group by ${id} having min(feed) <> max(feed))
  )
  select distinct a.id from shared a join shared b on a.id = b.id
  where a.feed <> b.feed and a.first_slot <= b.last_slot and b.first_slot <= a.last_slot`;

/** Query for the spans after the split. An entity, feed and first slot identify a span. */
const SPLIT = ({ spans, id, columns }: Spans) => `
  with seen as (
    select span.${id} as id, poll.slot, span.feed, span.first_slot as span_slot
    from new_${spans} span
    join overlapping on overlapping.id = span.${id}
    join new_poll poll on poll.feed = span.feed and poll.slot between span.first_slot and span.last_slot
  ), flagged as (
    select id, slot, feed, span_slot,
      case
        when lag(feed) over (partition by id order by slot) = feed
          and lag(span_slot) over (partition by id order by slot) = span_slot then 0
        else 1
      end as begins
    from seen
  ), numbered as (
    select id, slot, feed, span_slot, sum(begins) over (partition by id order by slot rows unbounded preceding) as number
    from flagged
  ), divided as (
    select id, feed, span_slot, number, min(slot) as first_slot, max(slot) as last_slot, count(*) as polls
    from numbered group by id, feed, span_slot, number
  )
  select divided.id, divided.feed, divided.first_slot, divided.last_slot, divided.polls, ${list(columns, 'span.')}
  from divided
  join new_${spans} span on span.${id} = divided.id and span.feed = divided.feed and span.first_slot = divided.span_slot`;

async function replace(client: pg.PoolClient, { spans, id, columns }: Spans): Promise<void> {
  await client.query(`delete from new_${spans} using split_span where new_${spans}.${id} = split_span.id`);
  await client.query(
    `insert into new_${spans} (${id}, ${list([...SPAN_COLUMNS, ...columns])})
     select id, ${list([...SPAN_COLUMNS, ...columns])} from split_span`,
  );
}

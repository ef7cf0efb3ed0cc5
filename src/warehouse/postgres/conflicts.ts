import type pg from 'pg';
import { type Exclusions, noExclusions } from '../../domain/exclusions.js';

/**
 * An id that several feeds showed on one day. It belongs to the feed that had it in most slots (tie:
 * the feed's name); where two feeds had it in one slot, the one of higher rank counts. A poll that is
 * another feed's as a whole counts for nobody.
 *
 * `seen` is every slot of every such id: runs have no gaps, so a run's slots are its feed's polls
 * between its first and its last.
 */
const RANKED = (runs: string, id: string) => `
  with shared as (
    select ${id} as id from ${runs} group by 1 having count(distinct feed) > 1
  ), counted as (
    select ${id} as id, feed, row_number() over (partition by ${id} order by sum(polls) desc, feed) as rank
    from ${runs} where ${id} in (select id from shared) group by 1, 2
  ), seen as (
    select distinct counted.id, counted.feed, counted.rank, poll.slot
    from counted
    join ${runs} run on run.${id} = counted.id and run.feed = counted.feed
    join new_poll poll on poll.feed = run.feed and poll.slot between run.first_slot and run.last_slot
  )`;

const EXCLUDED = (runs: string, id: string) => `${RANKED(runs, id)}, beaten as (
    select *, min(rank) over (partition by id, slot) as best
    from seen where (feed, slot) not in (select feed, slot from foreign_poll)
  )
  select feed, id::text as id, array_agg(extract(epoch from slot)::float8 * 1000 order by slot) as slots
  from beaten where rank > best group by 1, 2`;

/** Polls more than half of whose charging points belong that day to another feed. */
const FOREIGN_POLLS = `
  create temp table foreign_poll on commit drop as
  ${RANKED('new_charging_point_run', 'id_cp')}, foreigners as (
    select feed, slot, count(*) as ids from seen where rank > 1 group by 1, 2
  )
  select feed, slot from foreigners join new_poll poll using (feed, slot)
  where foreigners.ids * 2 > poll.charging_points`;

const FOREIGN_SLOTS = `
  select feed, array_agg(extract(epoch from slot)::float8 * 1000 order by slot) as slots
  from foreign_poll group by 1`;

/** Stations with one id_cs and different ids of their own: the hash collided. The first in order keeps it. */
const COLLIDING_STATIONS = `
  select distinct run.feed, run.source_id
  from new_charging_station_run run
  join (
    select id_cs, min(source || '|' || source_id) as keeper from new_charging_station_run
    group by 1 having count(distinct source || '|' || source_id) > 1
  ) collision using (id_cs)
  where run.source || '|' || run.source_id <> keeper`;

interface ExcludedRow {
  feed: string;
  id: string;
  slots: number[];
}

/** What of which feed belongs to another feed. Call where the load's runs of all feeds are found. */
export async function findConflicts(client: pg.PoolClient): Promise<Map<string, Exclusions>> {
  const conflicts = new Map<string, Exclusions>();
  const of = (feed: string): Exclusions => {
    let exclusions = conflicts.get(feed);
    if (!exclusions) conflicts.set(feed, (exclusions = noExclusions()));
    return exclusions;
  };
  await client.query(FOREIGN_POLLS);
  const foreign = await client.query<Omit<ExcludedRow, 'id'>>(FOREIGN_SLOTS);
  for (const { feed, slots } of foreign.rows) of(feed).polls = slots;
  const kinds = [
    ['stations', EXCLUDED('new_charging_station_run', 'id_cs')],
    ['charging_points', EXCLUDED('new_charging_point_run', 'id_cp')],
    ['connectors', EXCLUDED('new_connector_run', 'id_connector')],
  ] as const;
  for (const [kind, sql] of kinds) {
    const { rows } = await client.query<ExcludedRow>(sql);
    for (const { feed, id, slots } of rows) of(feed)[kind][id] = slots;
  }
  const colliding = await client.query<{ feed: string; source_id: string }>(COLLIDING_STATIONS);
  for (const { feed, source_id: sourceId } of colliding.rows) of(feed).colliding_stations.push(sourceId);
  return conflicts;
}

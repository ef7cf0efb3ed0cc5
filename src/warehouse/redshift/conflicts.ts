import type pg from 'pg';
import { type Exclusions, noExclusions } from '../../domain/exclusions.js';
import { withTemporary } from './temporary.js';

/**
 * Every slot of an id that several feeds showed on one day, with the rank of the feed: see the same of Postgres,
 * `../postgres/conflicts.ts`, for what is made of it.
 */
const SEEN = (runs: string, id: string) => `
  with counted as (
    select ${id} as id, feed, sum(polls) as polls from ${runs} group by ${id}, feed
  ), ranked as (
    select id, feed, row_number() over (partition by id order by polls desc, feed) as rank,
      count(*) over (partition by id) as feeds
    from counted
  )
  select distinct ranked.id, ranked.feed, ranked.rank, poll.slot
  from ranked
  join ${runs} run on run.${id} = ranked.id and run.feed = ranked.feed
  join new_poll poll on poll.feed = run.feed and poll.slot between run.first_slot and run.last_slot
  where ranked.feeds > 1`;

/** Polls more than half of whose charging points belong that day to another feed. */
const FOREIGN_POLLS = `
  with foreigner as (
    select feed, slot, count(*) as ids
    from (${SEEN('new_charging_point_run', 'id_cp')}) seen
    where rank > 1 group by feed, slot
  )
  select foreigner.feed, foreigner.slot
  from foreigner join new_poll poll on poll.feed = foreigner.feed and poll.slot = foreigner.slot
  where foreigner.ids * 2 > poll.charging_points`;

const EXCLUDED = `
  select feed, id, slot
  from (
    select seen.id, seen.feed, seen.slot, seen.rank, min(seen.rank) over (partition by seen.id, seen.slot) as best
    from seen left join foreign_poll on foreign_poll.feed = seen.feed and foreign_poll.slot = seen.slot
    where foreign_poll.slot is null
  ) beaten
  where rank > best order by feed, id, slot`;

/** Stations with one id_cs and different ids of their own: the hash collided. The first in order keeps it. */
const COLLIDING_STATIONS = `
  select distinct run.feed, run.source_id
  from new_charging_station_run run
  join (
    select id_cs, min(source || '|' || source_id) as keeper from new_charging_station_run
    group by id_cs having count(distinct source || '|' || source_id) > 1
  ) collision on collision.id_cs = run.id_cs
  where run.source || '|' || run.source_id <> collision.keeper order by 1, 2`;

const KINDS = [
  ['stations', 'new_charging_station_run', 'id_cs'],
  ['charging_points', 'new_charging_point_run', 'id_cp'],
  ['connectors', 'new_connector_run', 'id_connector'],
] as const;

/** What of which feed belongs to another feed. Call where the load's runs of all feeds are found. */
export async function findConflicts(client: pg.PoolClient): Promise<Map<string, Exclusions>> {
  const conflicts = new Map<string, Exclusions>();
  const of = (feed: string): Exclusions => {
    const known = conflicts.get(feed) ?? noExclusions();
    conflicts.set(feed, known);
    return known;
  };
  await withTemporary(client, 'foreign_poll', 'distkey (feed)', FOREIGN_POLLS, async () => {
    const foreign = await client.query<{ feed: string; slot: Date }>(
      'select feed, slot from foreign_poll order by feed, slot',
    );
    for (const { feed, slot } of foreign.rows) of(feed).polls.push(slot.getTime());
    for (const [kind, runs, id] of KINDS)
      await withTemporary(client, 'seen', 'distkey (id)', SEEN(runs, id), async () => {
        const { rows } = await client.query<{ feed: string; id: string | number; slot: Date }>(EXCLUDED);
        for (const { feed, id: entity, slot } of rows)
          (of(feed)[kind][String(entity)] ??= []).push(slot.getTime());
      });
  });
  const colliding = await client.query<{ feed: string; source_id: string }>(COLLIDING_STATIONS);
  for (const { feed, source_id: sourceId } of colliding.rows) of(feed).colliding_stations.push(sourceId);
  return conflicts;
}

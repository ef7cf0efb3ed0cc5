import type pg from 'pg';
import { type Exclusions, noExclusions } from '../../domain/exclusions.js';
import type { Dialect, Words } from './dialect.js';
import { withTemporary } from './temporary.js';

/**
 * Query for every slot of an id that several feeds showed on one day, with the rank of the feed.
 *
 * The id belongs to the feed that showed it in most slots; if equal, to the first feed by name. If two feeds showed the
 * id in one slot, the feed that the id belongs to counts (rank 1). Polls in {@link FOREIGN_POLLS} never count.
 *
 * A content span has no gaps. Therefore its slots are the polls of its feed between its first and last slot.
 */
const SEEN = (spans: string, id: string) => `
  with counted as (
    select ${id} as id, feed, sum(polls) as polls from ${spans} group by ${id}, feed
  ), ranked as (
    select id, feed, row_number() over (partition by id order by polls desc, feed) as rank,
      count(*) over (partition by id) as feeds
    from counted
  )
  select distinct ranked.id, ranked.feed, ranked.rank, poll.slot
  from ranked
  join ${spans} span on span.${id} = ranked.id and span.feed = ranked.feed
  join new_poll poll on poll.feed = span.feed and poll.slot between span.first_slot and span.last_slot
  where ranked.feeds > 1`;

/** Query for polls in which more than half of the charging points belong to another feed on that day. */
const FOREIGN_POLLS = `
  with foreigner as (
    select feed, slot, count(*) as ids
    from (${SEEN('new_charging_point_content_span', 'id_cp')}) seen
    where rank > 1 group by feed, slot
  )
  select foreigner.feed, foreigner.slot, ${epoch('foreigner.slot')} as epoch
  from foreigner join new_poll poll on poll.feed = foreigner.feed and poll.slot = foreigner.slot
  where foreigner.ids * 2 > poll.charging_points`;

const FOREIGN_SLOTS = (words: Words) =>
  `select feed, ${words.listed('epoch')} as slots from foreign_poll group by feed order by feed`;

const EXCLUDED = (words: Words) => `
  select feed, id, ${words.listed('epoch')} as slots
  from (
    select seen.id, seen.feed, seen.rank, ${epoch('seen.slot')} as epoch,
      min(seen.rank) over (partition by seen.id, seen.slot) as best
    from seen left join foreign_poll on foreign_poll.feed = seen.feed and foreign_poll.slot = seen.slot
    where foreign_poll.slot is null
  ) beaten
  where rank > best group by feed, id order by feed, id`;

/**
 * Query for stations whose `id_cs` collides: it is a hash, and different source ids have the same one. The first
 * station by source and id keeps the `id_cs`.
 */
const COLLIDING_STATIONS = `
  select distinct span.feed, span.source_id
  from new_charging_station_content_span span
  join (
    select id_cs, min(source || '|' || source_id) as keeper from new_charging_station_content_span
    group by id_cs having count(distinct source || '|' || source_id) > 1
  ) collision on collision.id_cs = span.id_cs
  where span.source || '|' || span.source_id <> collision.keeper order by 1, 2`;

const KINDS = [
  ['stations', 'new_charging_station_content_span', 'id_cs'],
  ['charging_points', 'new_charging_point_content_span', 'id_cp'],
  ['connectors', 'new_connector_content_span', 'id_connector'],
] as const;

/**
 * Return an expression for the Unix time of a slot in seconds, as text. All times of these centuries have the same
 * number of digits, so that the texts sort by time.
 */
function epoch(slot: string): string {
  return `cast(cast(extract(epoch from ${slot}) as bigint) as varchar(32))`;
}

function slotsOf(listed: string): number[] {
  return listed.split(',').map((seconds) => Number(seconds) * 1000);
}

/**
 * Find the polls, stations, charging points and connectors of each feed that belong to another feed.
 *
 * Call when the search path has the load's staging schema, with the content spans of all feeds in it.
 *
 * @returns for each feed with conflicts, what cleaning must exclude
 */
export async function findConflicts(
  client: pg.PoolClient,
  { words }: Dialect,
): Promise<Map<string, Exclusions>> {
  const conflicts = new Map<string, Exclusions>();
  const of = (feed: string): Exclusions => {
    const known = conflicts.get(feed) ?? noExclusions();
    conflicts.set(feed, known);
    return known;
  };
  await withTemporary(client, 'foreign_poll', words.joinedBy('feed'), FOREIGN_POLLS, async () => {
    const foreign = await client.query<{ feed: string; slots: string }>(FOREIGN_SLOTS(words));
    for (const { feed, slots } of foreign.rows) of(feed).polls = slotsOf(slots);
    for (const [kind, spans, id] of KINDS)
      await withTemporary(client, 'seen', words.joinedBy('id'), SEEN(spans, id), async () => {
        const { rows } = await client.query<{ feed: string; id: string | number; slots: string }>(
          EXCLUDED(words),
        );
        for (const { feed, id: entity, slots } of rows) of(feed)[kind][String(entity)] = slotsOf(slots);
      });
  });
  const colliding = await client.query<{ feed: string; source_id: string }>(COLLIDING_STATIONS);
  for (const { feed, source_id: sourceId } of colliding.rows) of(feed).colliding_stations.push(sourceId);
  return conflicts;
}

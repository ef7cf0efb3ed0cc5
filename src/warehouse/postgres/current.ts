import type pg from 'pg';
import { COMPARED_HOURS, COMPARED_POLLS, COMPLETE_SHARE } from '../../domain/completeness.js';
import type { CurrentStatus, SlotShown } from '../current.js';
import { openPool } from './database.js';
import { inTransaction } from '../connection.js';
import type { Schemas } from '../load/schemas.js';
import { PUBLISHED, REBUILT } from './schemas.js';

/**
 * Number of connections. A slot run stores the statuses of its answers in batches, one after the other, and so needs
 * few.
 */
const POOL_SIZE = 2;

/**
 * Open the store of current statuses in a Postgres database.
 *
 * @param url connection string of the owner
 */
export function openPostgresCurrent(url: string): CurrentStatus {
  const pool = openPool(url, POOL_SIZE);
  const schema = (isRebuild: boolean | undefined) => (isRebuild ? REBUILT : PUBLISHED);
  return {
    keep: (shown, { bridgedSlots, isRebuild }) =>
      inTransaction(pool, async (client) => {
        await upsertStatuses(client, schema(isRebuild).warehouse, shown, bridgedSlots);
        await upsertFeeds(client, schema(isRebuild).warehouse, shown);
        await judgeFeeds(client, schema(isRebuild), shown);
      }),
    seedRebuilt: () => inTransaction(pool, seed),
    loadedSlots: async ({ isRebuild }) => {
      const { rows } = await pool.query<{ feed: string; slot: Date }>(
        `select feed, max(slot) as slot from ${schema(isRebuild).ops}.poll group by feed`,
      );
      return new Map(rows.map(({ feed, slot }) => [feed, slot.getTime()]));
    },
    close: () => pool.end(),
  };
}

/** Rows are written in the order of their keys, so that two parallel calls can't deadlock. */
async function upsertStatuses(
  client: pg.PoolClient,
  schema: string,
  { slot, feeds }: SlotShown,
  bridgedSlots: number,
): Promise<void> {
  // When two feeds show a charging point, the first feed by name counts, whichever was polled first.
  const byName = feeds.toSorted((a, b) => (a.feed < b.feed ? -1 : 1));
  const shown = new Map<string, { feed: string; status: string; intervalMinutes: number }>();
  for (const { feed, statuses, intervalMinutes } of byName)
    for (const [id, status] of statuses) if (!shown.has(id)) shown.set(id, { feed, status, intervalMinutes });
  if (shown.size === 0) return;
  await client.query(
    `insert into ${schema}.current_status as current (id_cp, feed, status, since, since_cut, slot, interval_minutes)
     select id_cp, feed, status, $4, 'edge', $4, interval_minutes
     from unnest($1::text[], $2::text[], $3::text[], $5::int[]) as shown (id_cp, feed, status, interval_minutes)
     order by id_cp collate "C"
     on conflict (id_cp) do update set
       feed = excluded.feed,
       status = excluded.status,
       since = case when ${FOLLOWS} and excluded.status = current.status then current.since else excluded.slot end,
       since_cut = case
         when not ${FOLLOWS} then 'gap'
         when excluded.status = current.status then current.since_cut
       end,
       slot = excluded.slot,
       interval_minutes = excluded.interval_minutes
     where excluded.slot > current.slot`,
    [
      [...shown.keys()],
      [...shown.values()].map(({ feed }) => feed),
      [...shown.values()].map(({ status }) => status),
      new Date(slot),
      [...shown.values()].map(({ intervalMinutes }) => intervalMinutes),
      bridgedSlots,
    ],
  );
}

/**
 * Condition that at most `bridgedSlots` slots are missing between the two statuses. Events use the same rule
 * (sql/postgres/measures/status_event.sql).
 */
const FOLLOWS = `(excluded.slot <= current.slot + (1 + $6::int) * make_interval(mins => current.interval_minutes))`;

async function upsertFeeds(client: pg.PoolClient, schema: string, { slot, feeds }: SlotShown): Promise<void> {
  await client.query(
    `insert into ${schema}.current_feed as current
       (feed, slot, outcome, reason, stored_slot, charging_points, interval_minutes)
     select feed, $5::timestamptz, outcome, reason,
       case when outcome = 'stored' then $5::timestamptz end,
       case when outcome = 'stored' then charging_points end,
       interval_minutes
     from unnest($1::text[], $2::text[], $3::text[], $4::int[], $6::int[])
       as shown (feed, outcome, reason, charging_points, interval_minutes)
     order by feed collate "C"
     on conflict (feed) do update set
       slot = excluded.slot,
       outcome = excluded.outcome,
       reason = excluded.reason,
       stored_slot = coalesce(excluded.stored_slot, current.stored_slot),
       charging_points = coalesce(excluded.charging_points, current.charging_points),
       interval_minutes = excluded.interval_minutes
     where excluded.slot > current.slot`,
    [
      feeds.map(({ feed }) => feed),
      feeds.map(({ outcome }) => outcome),
      feeds.map(({ reason }) => reason),
      feeds.map(({ statuses }) => statuses.size),
      new Date(slot),
      feeds.map(({ intervalMinutes }) => intervalMinutes),
    ],
  );
}

/**
 * Store the counts of the slot's polls, and decide whether the last stored poll of each of these feeds is complete, as a
 * load does. Polls of loaded days count too. A warehouse that awaits its rebuild has no table for it.
 */
async function judgeFeeds(
  client: pg.PoolClient,
  schemas: Schemas,
  { slot, feeds }: SlotShown,
): Promise<void> {
  const stored = feeds.filter(({ outcome }) => outcome === 'stored').map(({ feed }) => feed);
  if (stored.length === 0) return;
  const read = feeds.flatMap(({ feed, counts }) => (counts === null ? [] : [{ feed, ...counts }]));
  const { ops, warehouse } = schemas;
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${ops}.recent_poll`,
  ]);
  if (!rows[0]?.there) return;
  await client.query(
    `insert into ${ops}.current_poll (feed, slot, charging_points, unidentified)
     select feed, $4, charging_points, unidentified
     from unnest($1::text[], $2::int[], $3::int[]) as shown (feed, charging_points, unidentified)
     order by feed collate "C"
     on conflict do nothing`,
    [
      read.map(({ feed }) => feed),
      read.map(({ chargingPoints }) => chargingPoints),
      read.map(({ unidentified }) => unidentified),
      new Date(slot),
    ],
  );
  await client.query(
    `delete from ${ops}.current_poll where feed = any ($1) and slot < $2::timestamptz - 2 * ${COMPARED}`,
    [stored, new Date(slot)],
  );
  await client.query(
    `update ${warehouse}.current_feed as current set incomplete = judged.incomplete
     from (${JUDGED(schemas)}) as judged
     where current.feed = judged.feed and current.incomplete is distinct from judged.incomplete`,
    [stored],
  );
}

const COMPARED = `interval '${COMPARED_HOURS} hours'`;

/** Query that judges the last stored polls of some feeds. `sql/postgres/measures/judged_poll.sql` has the same rules. */
const JUDGED = ({ ops, warehouse }: Schemas) => `
  select shown.feed,
    case
      when poll.charging_points = 0 then 'empty'
      when poll.fault is not null then poll.fault
      when poll.charging_points < ${COMPLETE_SHARE} * (
        select max(earlier.charging_points) from ${ops}.recent_poll earlier
        where earlier.feed = poll.feed and earlier.slot < poll.slot and earlier.slot >= poll.slot - ${COMPARED}
      ) then 'shrunk'
      when poll.unidentified > (
        select min(earlier.unidentified)
        from (
          select last.unidentified from ${ops}.recent_poll last
          where last.feed = poll.feed and last.slot < poll.slot and last.slot >= poll.slot - ${COMPARED}
          order by last.slot desc limit ${COMPARED_POLLS}
        ) as earlier
      ) then 'unreadable_ids'
    end as incomplete
  from ${warehouse}.current_feed as shown
  left join ${ops}.recent_poll as poll on poll.feed = shown.feed and poll.slot = shown.stored_slot
  where shown.feed = any ($1)`;

async function seed(client: pg.PoolClient): Promise<void> {
  const { warehouse: rebuilt } = REBUILT;
  await client.query(`delete from ${rebuilt}.current_status`);
  await client.query(
    `insert into ${rebuilt}.current_status (id_cp, feed, status, since, since_cut, slot, interval_minutes)
     select point.id_cp, point.feed, event.status, event.start_at, event.start_cut,
       event.end_at - make_interval(mins => event.interval_minutes), event.interval_minutes
     from ${rebuilt}.charging_point point
     cross join lateral (
       select * from ${rebuilt}.status_event event where event.id_cp = point.id_cp order by start_at desc limit 1
     ) event`,
  );
  // The outcome of a feed's last poll can't be derived from loaded days, and is copied.
  await client.query(
    `insert into ${rebuilt}.current_feed select * from ${PUBLISHED.warehouse}.current_feed on conflict do nothing`,
  );
}

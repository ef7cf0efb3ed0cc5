import type pg from 'pg';
import type { CurrentStatus, SlotShown } from '../current.js';
import { openPool } from './database.js';
import { inTransaction } from '../connection.js';
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

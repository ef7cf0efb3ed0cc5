import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { inTransaction } from '../connection.js';
import type { Dialect } from './dialect.js';
import { lockPublications } from './publish.js';
import { withTemporary } from './temporary.js';

/**
 * Replace the published warehouse by the rebuilt warehouse, in one transaction. Idempotent. The revisions of days
 * continue to count upwards.
 *
 * @returns the days that were published since they were rebuilt, and that must be loaded into the rebuilt warehouse
 *   first; if there are any, nothing was exchanged
 * @throws LoadRefused when the exchange would destroy objects that do not belong to the warehouse
 */
export async function exchange(pool: pg.Pool, dialect: Dialect, rebuild: string): Promise<Day[]> {
  const stale = await inTransaction(pool, async (client) => {
    await lockPublications(client, dialect);
    if ((await dialect.rebuilding.name(client)) !== rebuild) return [];
    const days = await staleDays(client, dialect);
    if (days.length > 0) return days;
    await continueRevisions(client, dialect);
    await dialect.rebuilding.exchange(client, rebuild);
    return [];
  });
  if (stale.length === 0) await dialect.rebuilding.finish(pool);
  return stale;
}

/** Return the days that were published later than they were rebuilt, or that were not rebuilt. */
async function staleDays(client: pg.PoolClient, { warehouses }: Dialect): Promise<Day[]> {
  const latest = (ops: string) =>
    `(select day, max(published_at) as at from ${ops}.day_revision group by day)`;
  const { rows } = await client.query<{ day: Day }>(
    `select to_char(published.day, 'YYYY-MM-DD') as day
     from ${latest(warehouses.published.ops)} published
     left join ${latest(warehouses.rebuilt.ops)} remade on remade.day = published.day
     where remade.at is null or remade.at < published.at order by 1`,
  );
  return rows.map(({ day }) => day);
}

/**
 * Copy the list of archived days to the rebuilt warehouse, because the raw store does not record when facts were
 * archived.
 */
export async function copyArchivedDays(client: pg.PoolClient, { rebuilt, published }: Dialect['warehouses']) {
  const columns = 'day, charging_point_facts, connector_facts, archived_at, restored_at';
  await client.query(
    `insert into ${rebuilt.ops}.archived_day (${columns}) select ${columns} from ${published.ops}.archived_day`,
  );
}

/** Raise the revisions of rebuilt days above the published revisions, and copy the published revisions. */
async function continueRevisions(client: pg.PoolClient, { warehouses, words }: Dialect): Promise<void> {
  const { rebuilt, published } = warehouses;
  const columns = 'day, revision, published_at, reason, load, loaded_until';
  const moved = `
    select made.day, made.revision + coalesce(before.last, 0) as revision, made.published_at, made.reason, made.load,
      made.loaded_until
    from ${rebuilt.ops}.day_revision made
    left join (select day, max(revision) as last from ${published.ops}.day_revision group by day) before
      on before.day = made.day`;
  // The rows are replaced as a whole, because an update of single rows could produce equal revisions in between.
  await withTemporary(client, 'moved_revision', words.everywhere, moved, async () => {
    await client.query(`delete from ${rebuilt.ops}.day_revision`);
    for (const from of ['moved_revision', `${published.ops}.day_revision`])
      await client.query(
        `insert into ${rebuilt.ops}.day_revision (${columns}) select ${columns} from ${from}`,
      );
  });
}

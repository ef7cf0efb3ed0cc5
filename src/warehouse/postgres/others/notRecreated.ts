import type pg from 'pg';
import type { NotRecreated } from '../../warehouse.js';
import { PUBLISHED, REBUILT } from '../schemas.js';

/** An object of other people that a rebuild could not recreate, or that is still to be recreated. */
export interface Loss extends NotRecreated {
  /** Statements that create the object. */
  definition: string | null;
  /** Data that {@link finishOthers} needs to recreate the object; null if nothing is left to try. */
  pending: unknown;
}

/** Greatest number of objects that are returned; the table has all of them. */
const TOLD = 500;

const TABLE = `create table if not exists SCHEMA.not_recreated (
  rebuild text not null,
  number int not null,
  exchanged_at timestamptz not null default now(),
  kind text not null,
  name text not null,
  reason text not null,
  definition text,
  pending jsonb,
  primary key (rebuild, number)
)`;

const MEANINGS = {
  rebuild: 'Workflow run id of the rebuild.',
  number: 'Order in which people should create these objects.',
  exchanged_at: 'When the rebuilt warehouse replaced the published one.',
  kind: 'Kind of the object, such as view, grant or trigger.',
  name: 'Name of the object, with its schema.',
  reason: 'Why the object was not created again.',
  definition: 'Statements that create the object.',
  pending: 'Data with which Ladepuls creates the object later; null if Ladepuls does not try again.',
};

async function makeTable(client: pg.PoolClient, schema: string): Promise<void> {
  await client.query(TABLE.replace('SCHEMA', schema));
  await client.query(
    `comment on table ${schema}.not_recreated is 'Objects of other people on the warehouse that a rebuild could not create again.'`,
  );
  for (const [column, meaning] of Object.entries(MEANINGS))
    await client.query(`comment on column ${schema}.not_recreated.${column} is '${meaning}'`);
}

async function exists(client: pg.Pool | pg.PoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(`select to_regclass($1) is not null as is`, [
    `${schema}.not_recreated`,
  ]);
  return rows[0]?.is ?? false;
}

/** Copy the list of the published warehouse to the rebuilt warehouse, if there is a list. Idempotent. */
export async function storeEarlier(client: pg.PoolClient): Promise<void> {
  if (!(await exists(client, PUBLISHED.ops))) return;
  await makeTable(client, REBUILT.ops);
  await client.query(
    `insert into ${REBUILT.ops}.not_recreated (rebuild, number, exchanged_at, kind, name, reason, definition)
     select rebuild, number, exchanged_at, kind, name, reason, definition from ${PUBLISHED.ops}.not_recreated
     on conflict do nothing`,
  );
}

/** Add objects to the list of the published warehouse. Create the list if it is missing. */
export async function storeLosses(client: pg.PoolClient, rebuild: string, losses: Loss[]): Promise<void> {
  if (losses.length === 0) return;
  await makeTable(client, PUBLISHED.ops);
  await client.query(
    `insert into ${PUBLISHED.ops}.not_recreated (rebuild, number, kind, name, reason, definition, pending)
     select $1, number + coalesce((select max(number) from ${PUBLISHED.ops}.not_recreated where rebuild = $1), 0), loss ->> 'kind', loss ->> 'name', loss ->> 'reason', loss ->> 'definition',
       nullif(loss -> 'pending', 'null')
     from jsonb_array_elements($2::jsonb) with ordinality as losses (loss, number)`,
    [rebuild, JSON.stringify(losses)],
  );
}

/** Return the objects that this rebuild could not recreate: the first {@link TOLD}, and their total number. */
export async function notRecreated(
  pool: pg.Pool,
  rebuild: string,
): Promise<{ found: NotRecreated[]; total: number }> {
  if (!(await exists(pool, PUBLISHED.ops))) return { found: [], total: 0 };
  const { rows } = await pool.query<NotRecreated & { total: number }>(
    `select kind, left(name, 300) as name, left(reason, 500) as reason, count(*) over ()::int as total
     from ${PUBLISHED.ops}.not_recreated where rebuild = $1 order by number limit ${TOLD}`,
    [rebuild],
  );
  return {
    found: rows.map(({ kind, name, reason }) => ({ kind, name, reason })),
    total: rows[0]?.total ?? 0,
  };
}

/** Return the keys of objects that are still to be recreated, in order. */
export async function listPending(pool: pg.Pool): Promise<PendingKey[]> {
  if (!(await exists(pool, PUBLISHED.ops))) return [];
  const { rows } = await pool.query<PendingKey>(
    `select rebuild, number from ${PUBLISHED.ops}.not_recreated where pending is not null
     order by exchanged_at, number`,
  );
  return rows;
}

interface PendingKey {
  rebuild: string;
  number: number;
}

/**
 * Return the data needed to recreate an object of the list, and lock the row until the end of the transaction. Return
 * null if the object was recreated already.
 */
export async function takePending<T>(
  client: pg.PoolClient,
  { rebuild, number }: PendingKey,
): Promise<T | null> {
  const { rows } = await client.query<{ pending: T }>(
    `select pending from ${PUBLISHED.ops}.not_recreated
     where rebuild = $1 and number = $2 and pending is not null for update`,
    [rebuild, number],
  );
  return rows[0]?.pending ?? null;
}

/** Delete an object from the list. */
export async function endPending(client: pg.PoolClient, { rebuild, number }: PendingKey): Promise<void> {
  await client.query(`delete from ${PUBLISHED.ops}.not_recreated where rebuild = $1 and number = $2`, [
    rebuild,
    number,
  ]);
}

/** Return the names of whole objects in a rebuild's list, whether they are still to be recreated or not. */
export async function listedNames(client: pg.PoolClient, rebuild: string): Promise<string[]> {
  if (!(await exists(client, PUBLISHED.ops))) return [];
  const { rows } = await client.query<{ name: string }>(
    `select name from ${PUBLISHED.ops}.not_recreated
     where rebuild = $1 and kind not in ('grant', 'comment', 'column')`,
    [rebuild],
  );
  return rows.map(({ name }) => name);
}

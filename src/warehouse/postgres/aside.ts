import pg from 'pg';
import type { Load } from '../warehouse.js';

/** The schema that a load is built in. Its tables are named new_… and found by the search path. */
export function asideSchema(load: Load): string {
  // Room for a UUID and what follows it: every round of a workflow has a schema of its own.
  const run = load.run
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `aside_${load.day.replaceAll('-', '')}_${run}`;
}

/** Makes the statements that follow in this transaction find the load's tables. */
export async function useAside(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query(`set local search_path = ${pg.escapeIdentifier(asideSchema(load))}, public`);
}

/** Of two attempts of one activity at once, the second waits here until the first one's transaction is over. */
export async function waitForOthers(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [asideSchema(load)]);
}

/**
 * Makes the load's schema and tables. Facts' tables are shaped like the partitions that they will
 * become, with the day as a default and as a check, so that attaching one scans nothing.
 */
export async function openAside(client: pg.PoolClient, load: Load): Promise<void> {
  const schema = pg.escapeIdentifier(asideSchema(load));
  const day = pg.escapeLiteral(load.day);
  await waitForOthers(client, load);
  await client.query(`create schema if not exists ${schema}`);
  await useAside(client, load);
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('copied') is not null as there`,
  );
  if (rows[0]?.there) return;
  await client.query(`
    create table new_charging_point_fact (like observation.charging_point including defaults);
    alter table new_charging_point_fact alter day set default ${day}, add constraint of_day check (day = ${day});
    create table new_connector_fact (like observation.connector including defaults);
    alter table new_connector_fact alter day set default ${day}, add constraint of_day check (day = ${day});
    create table new_charging_station_run (like ops.charging_station_run including defaults);
    alter table new_charging_station_run alter day set default ${day};
    create table new_charging_point_run (like ops.charging_point_run including defaults);
    alter table new_charging_point_run alter day set default ${day};
    create table new_connector_run (like ops.connector_run including defaults);
    alter table new_connector_run alter day set default ${day};
    create table new_poll (like ops.poll including defaults);
    alter table new_poll alter day set default ${day};
    create table new_quarantine (like ops.quarantine including defaults);
    alter table new_quarantine alter day set default ${day};
    create table new_field_issue (like ops.field_issue including defaults);
    alter table new_field_issue alter day set default ${day};
    create table new_ledger (like ops.ledger including all);
    create table copied (feed varchar primary key, facts bigint not null);
  `);
}

/** Removes the load's schema with all that is left in it. */
export async function dropAside(pool: pg.Pool, load: Load): Promise<void> {
  await pool.query(`drop schema if exists ${pg.escapeIdentifier(asideSchema(load))} cascade`);
}

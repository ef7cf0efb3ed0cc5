import { query } from './query.js';

/** Delete all rows of a warehouse, and the staging schemas that dead loads have left. The tables remain. */
export async function emptyWarehouse(url: string): Promise<void> {
  const drops = await query(
    url,
    `select format('drop schema %I cascade', nspname) as statement from pg_namespace where nspname like 'staging_%'`,
  );
  const tables = await query(
    url,
    `select string_agg(format('%I.%I', schemaname, tablename), ', ') as names from pg_tables
     where schemaname in ('public', 'ops', 'observation') and tablename <> 'schema_version'`,
  );
  await query(
    url,
    'set client_min_messages = warning',
    ...drops.map(({ statement }) => String(statement)),
    `truncate ${String(tables[0]?.names)}`,
  );
}

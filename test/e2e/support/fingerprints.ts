import type { TestSystem } from './system.js';

const PROMISED = [
  'status_chargingpoints',
  'status_connectors',
  'charging_station',
  'charging_point',
  'connector',
  'time',
];

/** Rows of a table, and a checksum over all that they hold, whatever their order. */
export interface Fingerprint {
  rows: number;
  digest: string | null;
}

/**
 * Fingerprints of all that a warehouse holds: the six promised tables, and those of schema `ops` but for the log of
 * publications, which tells of every load.
 */
export async function fingerprints(system: TestSystem): Promise<Record<string, Fingerprint>> {
  const ops = await system.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'ops' and table_name <> 'day_revision'`,
  );
  const tables = [...PROMISED.map((name) => `public.${name}`), ...ops.map(({ name }) => `ops.${name}`)];
  const found: Record<string, Fingerprint> = {};
  for (const table of tables.sort()) {
    const [fingerprint] = await system.query<Fingerprint>(
      `select count(*)::int as rows, md5(string_agg(line, E'\\n' order by line collate "C")) as digest
       from (select t::text as line from ${table} t) lines`,
    );
    found[table] = fingerprint ?? { rows: 0, digest: null };
  }
  return found;
}

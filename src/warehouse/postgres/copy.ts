import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { FACT_FILES, FLAT_FILES, type FlatFile, RUN_FILES } from '../../domain/flatFiles.js';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import { type FlatManifest, flatKey, type FlatSet, getManifest } from '../../stores/flat.js';
import type { Store } from '../../stores/store.js';
import { LoadRefused, type Load } from '../warehouse.js';
import { useAside } from './aside.js';

const ASIDE_TABLES: Record<FlatFile, string> = {
  status_chargingpoints: 'new_charging_point_fact',
  status_connectors: 'new_connector_fact',
  charging_station_run: 'new_charging_station_run',
  charging_point_run: 'new_charging_point_run',
  connector_run: 'new_connector_run',
  poll: 'new_poll',
  quarantine: 'new_quarantine',
  field_issue: 'new_field_issue',
};

/** Replaces what stands aside of the load's runs, polls, findings and ledgers. Call in a transaction. */
export async function copyRuns(
  client: pg.PoolClient,
  load: Load,
  feeds: string[],
  flat: Store,
): Promise<void> {
  await useAside(client, load);
  await client.query(`truncate ${RUN_FILES.map((file) => ASIDE_TABLES[file]).join(', ')}, new_ledger`);
  for (const feed of feeds) {
    const set = { day: load.day, load: load.run, feed };
    const manifest = await getManifest(flat, set);
    for (const file of RUN_FILES) await copyFile(client, set, file, manifest, flat);
    await insertLedger(client, load, manifest);
  }
}

/**
 * Copies a feed's facts aside and notes that it did. A second copy, also one at the same time, finds
 * the note and adds nothing. Call in a transaction. Returns the rows copied by whoever did.
 */
export async function copyFacts(
  client: pg.PoolClient,
  load: Load,
  feed: string,
  flat: Store,
): Promise<number> {
  await useAside(client, load);
  const set = { day: load.day, load: load.run, feed };
  const manifest = await getManifest(flat, set);
  const facts = FACT_FILES.reduce((sum, file) => sum + manifest.rows[file], 0);
  const noted = await client.query(
    'insert into copied (feed, facts) values ($1, $2) on conflict do nothing',
    [feed, facts],
  );
  if (noted.rowCount === 0) return facts;
  for (const file of FACT_FILES) await copyFile(client, set, file, manifest, flat);
  return facts;
}

async function copyFile(
  client: pg.PoolClient,
  set: FlatSet,
  file: FlatFile,
  manifest: FlatManifest,
  flat: Store,
): Promise<void> {
  const rows = manifest.rows[file];
  if (rows === 0) return;
  const key = flatKey(set, file);
  const stored = await flat.getStream(key); // before COPY begins: one that breaks while nothing listens ends the process
  const columns = FLAT_FILES[file].map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(
    copyFrom(`copy ${ASIDE_TABLES[file]} (${columns}) from stdin (format csv, header match)`),
  );
  await pipeline(stored, createGunzip(), copy);
  if (copy.rowCount !== rows) {
    throw new LoadRefused(
      `${key} gave ${copy.rowCount} rows, but its manifest says ${rows}: clean the day again`,
    );
  }
}

async function insertLedger(client: pg.PoolClient, load: Load, manifest: FlatManifest): Promise<void> {
  const columns = ['day', 'feed', 'inventory', ...LEDGER_COUNTS];
  const values = [
    load.day,
    manifest.feed,
    manifest.inventory,
    ...LEDGER_COUNTS.map((count) => manifest.ledger[count]),
  ];
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  await client.query(`insert into new_ledger (${columns.join(', ')}) values (${places})`, values);
}

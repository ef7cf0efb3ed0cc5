import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { describePart, type Part } from '../../domain/chunks.js';
import { FLAT_FILES, type FlatFile, RUN_FILES, STATUS_FILES } from '../../domain/flatFiles.js';
import { addLedgers, LEDGER_COUNTS, type LedgerEntry } from '../../domain/ledger.js';
import { factsOf, readWholeSets, type WholeSet } from '../../stores/flat.js';
import { readFlatRows } from '../../stores/flatRows.js';
import type { Store } from '../../stores/store.js';
import { LoadRefused, type Load } from '../warehouse.js';
import { useAside } from './aside.js';

/** Replaces what stands aside of the load's runs, polls and findings. Call in a transaction. */
export async function copyRuns(client: pg.PoolClient, load: Load, parts: Part[], flat: Store): Promise<void> {
  await useAside(client, load);
  await client.query(`truncate ${RUN_FILES.map((file) => `new_${file}`).join(', ')}`);
  const sets = await readWholeSets(flat, load, parts);
  for (const file of RUN_FILES) await copyFiles(client, sets, file, flat);
  await client.query('analyze new_poll');
}

/**
 * Copies the runs of statuses that a chunk's facts are made of aside, adds up its ledger, and notes that it did. A second copy, also one at the same time,
 * finds the note and adds nothing. Call in a transaction. Returns how many facts they stand for, whoever copied them.
 */
export async function copyChunk(
  client: pg.PoolClient,
  load: Load,
  chunk: number,
  parts: Part[],
  flat: Store,
): Promise<number> {
  await useAside(client, load);
  const sets = await readWholeSets(flat, load, parts);
  const files = load.withoutFacts ? [] : STATUS_FILES;
  const facts = load.withoutFacts ? 0 : sets.reduce((sum, { manifest }) => sum + factsOf(manifest), 0);
  const noted = await client.query(
    'insert into copied (chunk, facts) values ($1, $2) on conflict do nothing',
    [chunk, facts],
  );
  if (noted.rowCount === 0) return facts;
  for (const file of files) await copyFiles(client, sets, file, flat);
  await addToLedger(client, load, addLedgers(sets.map(({ manifest }) => manifest.ledger)));
  return facts;
}

async function copyFiles(
  client: pg.PoolClient,
  sets: readonly WholeSet[],
  file: FlatFile,
  flat: Store,
): Promise<void> {
  const written = sets.filter(({ manifest }) => manifest.rows[file] > 0);
  if (written.length === 0) return;
  const rows = written.reduce((sum, { manifest }) => sum + manifest.rows[file], 0);
  const columns = FLAT_FILES[file].map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(copyFrom(`copy new_${file} (${columns}) from stdin (format csv)`));
  await pipeline(
    readFlatRows(
      flat,
      written.map(({ set }) => set),
      file,
    ),
    copy,
  );
  if (copy.rowCount !== rows) {
    const parts = written.map(({ set }) => describePart(set)).join(', ');
    throw new LoadRefused(
      `the flat files ${file} of ${parts} gave ${copy.rowCount} rows, but their manifests say ${rows}: clean the day again`,
    );
  }
}

/** Adds entries to those of other chunks, whose transactions wait for each other here: so it comes last. */
async function addToLedger(client: pg.PoolClient, load: Load, entries: LedgerEntry[]): Promise<void> {
  const sums = LEDGER_COUNTS.map((count) => `${count} = new_ledger.${count} + excluded.${count}`);
  await client.query(
    `insert into new_ledger (day, feed, inventory, ${LEDGER_COUNTS.join(', ')})
     select $1, feed, '', ${LEDGER_COUNTS.join(', ')} from jsonb_populate_recordset(null::new_ledger, $2) order by feed
     on conflict (day, feed) do update set ${sums.join(', ')}`,
    [load.day, JSON.stringify(entries)],
  );
}

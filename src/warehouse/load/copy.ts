import type pg from 'pg';
import type { FeedSlice } from '../../domain/chunks.js';
import { type FlatFile, CONTENT_FILES, STATUS_FILES } from '../../domain/flatFiles.js';
import { addLedgers } from '../../domain/ledger.js';
import { factsOf, readWholeSets, type WholeSet } from '../../stores/flat.js';
import type { Load } from '../warehouse.js';
import type { Dialect, FlatSource } from './dialect.js';
import { insertStaging } from './insert.js';
import { useStaging, waitForOthers } from './staging.js';
import { FILE_TABLES, LEDGER, stagingTable } from './tables.js';

/**
 * Replaces the load's content spans, polls and findings in staging. Call in a transaction.
 *
 * @throws LoadRefused where the warehouse has the tables of an earlier version, also for a load that such a version opened
 */
export async function copyContentSpans(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  slices: FeedSlice[],
  source: FlatSource,
): Promise<void> {
  await useStaging(client, dialect, load);
  await waitForOthers(client, dialect);
  await dialect.requireForm(client, load);
  const sets = await readWholeSets(source.flat, load, slices);
  for (const file of CONTENT_FILES) {
    await client.query(`delete from ${stagingTable(FILE_TABLES[file])}`);
    await copyFile(client, dialect, { load, file, sets, name: file }, source);
  }
  await dialect.staging.analyze(client, ['new_poll']);
}

/**
 * Copies a chunk's status spans to staging and adds its counts to the ledger, in one transaction. A second copy, also one at
 * the same time, finds that noted and adds nothing. Skips the spans if `withoutFacts`.
 *
 * @returns how many facts they stand for, whichever call copied them
 */
export async function copyChunk(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  chunk: number,
  slices: FeedSlice[],
  source: FlatSource,
): Promise<number> {
  await useStaging(client, dialect, load);
  const sets = await readWholeSets(source.flat, load, slices);
  const facts = load.withoutFacts ? 0 : sets.reduce((sum, { manifest }) => sum + factsOf(manifest), 0);
  if (!(await dialect.staging.claimChunk(client, chunk, facts))) return facts;
  for (const file of load.withoutFacts ? [] : STATUS_FILES)
    await copyFile(client, dialect, { load, file, sets, name: `${chunk}-${file}` }, source);
  // Chunks that are copied side by side must not wait for each other's rows: these are added up when all are there.
  const ledgers = addLedgers(sets.map(({ manifest }) => manifest.ledger));
  await insertStaging(
    client,
    LEDGER,
    ledgers.map((ledger) => ({ ...ledger, inventory: '' })),
  );
  return facts;
}

async function copyFile(
  client: pg.PoolClient,
  { staging }: Dialect,
  { sets, ...copy }: { load: Load; file: FlatFile; sets: readonly WholeSet[]; name: string },
  source: FlatSource,
): Promise<void> {
  const filled = sets.filter(({ manifest }) => manifest.rows[copy.file] > 0);
  if (filled.length === 0) return;
  const rows = filled.reduce((sum, { manifest }) => sum + manifest.rows[copy.file], 0);
  await staging.copyFile(client, { ...copy, sets: filled, rows }, source);
}

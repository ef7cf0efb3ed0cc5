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
 * Replace the load's content spans, polls, quarantined records and field issues in staging. Idempotent. Call in a transaction.
 *
 * @throws LoadRefused when the warehouse has the tables of an earlier version, also for a load that such a version
 *   opened
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
 * Copy a chunk's status spans to staging and add its counts to the ledger, in one transaction. Skip the spans if
 * `load.withoutFacts`.
 *
 * Idempotent: a second call, also one at the same time, finds the chunk noted and adds nothing.
 *
 * @returns the number of facts that the spans stand for, also if an earlier call copied them
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
  // Each chunk inserts ledger rows of its own, so that parallel copies never wait for each other. addUpLedgers sums
  // them when all chunks are copied.
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

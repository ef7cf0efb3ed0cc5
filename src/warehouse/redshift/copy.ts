import type pg from 'pg';
import type { Part } from '../../domain/chunks.js';
import { type FlatFile, RUN_FILES, STATUS_FILES } from '../../domain/flatFiles.js';
import { addLedgers } from '../../domain/ledger.js';
import { copyManifestKey, factsOf, flatKey, readWholeSets, type WholeSet } from '../../stores/flat.js';
import type { Store } from '../../stores/store.js';
import { LoadRefused, type Load } from '../warehouse.js';
import { useAside, waitForOthers } from './aside.js';
import { insertAside } from './insert.js';
import { literal } from './literal.js';
import { requireMigrated } from './migrate.js';
import { asideTable, FILE_TABLES, LEDGER, list } from './tables.js';

/** Where COPY reads flat files, and by whose right. */
export interface FlatSource {
  flat: Store;
  /** ARN of the role that Redshift reads S3 with. */
  iamRole: string;
}

/**
 * Replaces the load's content spans, polls and findings in staging. Call in a transaction.
 *
 * @throws LoadRefused where the warehouse has the tables of an earlier version, also for a load that such a version opened
 */
export async function copyRuns(
  client: pg.PoolClient,
  load: Load,
  parts: Part[],
  source: FlatSource,
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  await requireMigrated(client, load);
  const sets = await readWholeSets(source.flat, load, parts);
  for (const file of RUN_FILES) {
    await client.query(`delete from ${asideTable(FILE_TABLES[file])}`);
    await copyFiles(client, load, file, sets, source);
  }
}

/**
 * Copies the runs of statuses that a chunk's facts are made of aside, unless the load is without, with its ledger, and
 * notes that it did. A second copy, also one at the same time, finds the note and adds nothing. Call in a transaction.
 * Returns how many facts they stand for, whoever copied them.
 */
export async function copyChunk(
  client: pg.PoolClient,
  load: Load,
  chunk: number,
  parts: Part[],
  source: FlatSource,
): Promise<number> {
  await useAside(client, load);
  await waitForOthers(client);
  const noted = await client.query<{ facts: string }>('select facts from copied where chunk = $1', [chunk]);
  if (noted.rows[0]) return Number(noted.rows[0].facts);
  const sets = await readWholeSets(source.flat, load, parts);
  const files = load.withoutFacts ? [] : STATUS_FILES;
  for (const file of files) await copyFiles(client, load, file, sets, source, `${chunk}-`);
  // Rows of chunks are added up when all are there: Redshift has no insert that would do it here.
  const ledgers = addLedgers(sets.map(({ manifest }) => manifest.ledger));
  await insertAside(
    client,
    LEDGER,
    ledgers.map((ledger) => ({ ...ledger, inventory: '' })),
  );
  const facts = load.withoutFacts ? 0 : sets.reduce((sum, { manifest }) => sum + factsOf(manifest), 0);
  await client.query('insert into copied (chunk, facts) values ($1, $2)', [chunk, facts]);
  return facts;
}

/**
 * Copies one flat file of some sets: the nodes read them at once. Redshift checks neither that all rows arrive nor that
 * columns are named as the header says; so the rows are counted, and the columns listed as they are written.
 */
async function copyFiles(
  client: pg.PoolClient,
  load: Load,
  file: FlatFile,
  sets: readonly WholeSet[],
  { flat, iamRole }: FlatSource,
  prefix = '',
): Promise<void> {
  const filled = sets.filter(({ manifest }) => manifest.rows[file] > 0);
  if (filled.length === 0) return;
  const entries = filled.map(({ set }) => ({ url: `${flat.url}/${flatKey(set, file)}`, mandatory: true }));
  const manifestKey = copyManifestKey(load.day, load.run, `${prefix}${file}`);
  await flat.put(manifestKey, Buffer.from(JSON.stringify({ entries })));
  const { columns } = FILE_TABLES[file];
  const url = `${flat.url}/${manifestKey}`;
  await client.query(
    `copy ${asideTable(FILE_TABLES[file])} (${list(columns)})
     from ${literal(url)}
     iam_role ${literal(iamRole)}
     manifest format csv gzip ignoreheader 1 timeformat 'auto' emptyasnull compupdate off statupdate off`,
  );
  const expected = filled.reduce((sum, { manifest }) => sum + manifest.rows[file], 0);
  const { rows: counts } = await client.query<{ rows: string }>('select pg_last_copy_count() as rows');
  const copied = Number(counts[0]?.rows);
  if (copied !== expected)
    throw new LoadRefused(
      `COPY of ${url} loaded ${copied} rows, but the files' manifests say ${expected}: clean the day again`,
    );
}

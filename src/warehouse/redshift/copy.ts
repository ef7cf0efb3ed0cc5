import type pg from 'pg';
import { FACT_FILES, type FlatFile, RUN_FILES } from '../../domain/flatFiles.js';
import { copyManifestKey, type FlatManifest, flatKey, getManifest } from '../../stores/flat.js';
import type { Store } from '../../stores/store.js';
import { LoadRefused, type Load } from '../warehouse.js';
import { useAside, waitForOthers } from './aside.js';
import { insertRows } from './insert.js';
import { literal } from './literal.js';
import { asideTable, FILE_TABLES, LEDGER, list } from './tables.js';

/** Where COPY reads flat files, and by whose right. */
export interface FlatSource {
  flat: Store;
  /** ARN of the role that Redshift reads S3 with. */
  iamRole: string;
}

/** Replaces what stands aside of the load's runs, polls, findings and ledgers. Call in a transaction. */
export async function copyRuns(
  client: pg.PoolClient,
  load: Load,
  feeds: string[],
  source: FlatSource,
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  const manifests = await Promise.all(feeds.map((feed) => manifestOf(load, feed, source)));
  for (const file of RUN_FILES) {
    await client.query(`delete from ${asideTable(FILE_TABLES[file])}`);
    await copyFile(client, load, file, manifests, source);
  }
  await client.query(`delete from ${asideTable(LEDGER)}`);
  const ledgers = manifests.map(({ feed, inventory, ledger }) => ({ ...ledger, feed, inventory }));
  await insertRows(client, LEDGER, ledgers);
}

/**
 * Copies a feed's facts aside and notes that it did. A second copy, also one at the same time, finds the note and adds
 * nothing. Call in a transaction. Returns the rows copied by whoever did.
 */
export async function copyFacts(
  client: pg.PoolClient,
  load: Load,
  feed: string,
  source: FlatSource,
): Promise<number> {
  await useAside(client, load);
  await waitForOthers(client);
  const noted = await client.query<{ facts: string }>('select facts from copied where feed = $1', [feed]);
  if (noted.rows[0]) return Number(noted.rows[0].facts);
  const manifest = await manifestOf(load, feed, source);
  for (const file of FACT_FILES) await copyFile(client, load, file, [manifest], source, `${feed}-`);
  const facts = FACT_FILES.reduce((sum, file) => sum + manifest.rows[file], 0);
  await client.query('insert into copied (feed, facts) values ($1, $2)', [feed, facts]);
  return facts;
}

function manifestOf(load: Load, feed: string, { flat }: FlatSource): Promise<FlatManifest> {
  return getManifest(flat, { day: load.day, load: load.run, feed });
}

/**
 * Copies one flat file of some sets: the nodes read them at once. Redshift checks neither that all rows arrive nor that
 * columns are named as the header says; so the rows are counted, and the columns listed as they are written.
 */
async function copyFile(
  client: pg.PoolClient,
  load: Load,
  file: FlatFile,
  manifests: FlatManifest[],
  { flat, iamRole }: FlatSource,
  prefix = '',
): Promise<void> {
  const filled = manifests.filter(({ rows }) => rows[file] > 0);
  if (filled.length === 0) return;
  const entries = filled.map(({ feed }) => {
    const key = flatKey({ day: load.day, load: load.run, feed }, file);
    return { url: `${flat.url}/${key}`, mandatory: true };
  });
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
  const expected = filled.reduce((sum, { rows }) => sum + rows[file], 0);
  const { rows: counts } = await client.query<{ rows: string }>('select pg_last_copy_count() as rows');
  const copied = Number(counts[0]?.rows);
  if (copied !== expected)
    throw new LoadRefused(
      `COPY of ${url} loaded ${copied} rows, but the files' manifests say ${expected}: clean the day again`,
    );
}

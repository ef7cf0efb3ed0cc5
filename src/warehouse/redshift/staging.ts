import type pg from 'pg';
import { SPAN_COLUMNS } from '../../domain/flatFiles.js';
import { copyManifestKey, flatKey } from '../../stores/flat.js';
import type { FileCopy, FlatSource, Staging } from '../load/dialect.js';
import { DAY_TABLES, FILE_TABLES, list, stagingTable } from '../load/tables.js';
import { literal } from '../literal.js';
import { LoadRefused } from '../warehouse.js';
import { FACTS } from './facts.js';

const NOT_BROUGHT_OVER =
  'the raw store lacks answers of this day, and on Redshift a rebuild needs all answers of a day. ' +
  'Import the missing answers with "ladepuls import", then run "ladepuls rebuild" again.';

export const REDSHIFT_STAGING: Staging = {
  make,
  copyFile,
  bringOver: (_, { day }) => Promise.reject(new LoadRefused(`${day} can't be rebuilt: ${NOT_BROUGHT_OVER}`)),
  analyze: () => Promise.resolve(),
  requireUncrashed: () => Promise.resolve(),
  claimChunk: async (client, chunk, facts) => {
    await client.query('lock table turn');
    const { rows } = await client.query('select chunk from copied where chunk = $1', [chunk]);
    if (rows.length > 0) return false;
    await client.query('insert into copied (chunk, facts) values ($1, $2)', [chunk, facts]);
    return true;
  },
};

/** Create tables like those of the warehouse, without the column `day` and without constraints. */
async function make(client: pg.PoolClient): Promise<void> {
  for (const of of DAY_TABLES)
    await client.query(
      `create table ${stagingTable(of)} distkey (${of.distributedBy}) as
       select ${list(of.columns)} from ${of.table} where 1 = 0`,
    );
  for (const { spans, table, id, columns, entity } of FACTS)
    await client.query(
      `create table new_${spans} distkey (${id}) as
       select ${list([id, ...columns], 'fact.')}, ${list(SPAN_COLUMNS, 'span.')}
       from ${table} fact cross join ${entity.spans} span where 1 = 0`,
    );
  await client.query('create table copied (chunk int not null, facts bigint not null) diststyle all');
  await client.query('create table turn (held boolean) diststyle all');
}

/**
 * Copy one flat file of several sets. The nodes read the sets in parallel. Redshift checks neither that all rows arrive
 * nor the names of columns in the header. Therefore the rows are counted, and the columns are listed in the order of
 * the file.
 */
async function copyFile(
  client: pg.PoolClient,
  { file, load, sets, rows: expected, name }: FileCopy,
  { flat, iamRole = '' }: FlatSource,
): Promise<void> {
  const entries = sets.map(({ set }) => ({ url: `${flat.url}/${flatKey(set, file)}`, mandatory: true }));
  const manifestKey = copyManifestKey(load.day, load.run, name);
  await flat.put(manifestKey, Buffer.from(JSON.stringify({ entries })));
  const { columns } = FILE_TABLES[file];
  const url = `${flat.url}/${manifestKey}`;
  await client.query(
    `copy ${stagingTable(FILE_TABLES[file])} (${list(columns)})
     from ${literal(url)}
     iam_role ${literal(iamRole)}
     manifest format csv gzip ignoreheader 1 timeformat 'auto' emptyasnull compupdate off statupdate off`,
  );
  const { rows: counts } = await client.query<{ rows: string }>('select pg_last_copy_count() as rows');
  const copied = Number(counts[0]?.rows);
  if (copied !== expected)
    throw new LoadRefused(
      `Redshift's COPY with the manifest ${url} loaded ${copied} rows of ${load.day}, but the flat files that it lists ` +
        `should have ${expected} rows. Load the day again: "ladepuls load --from ${load.day}".`,
    );
}

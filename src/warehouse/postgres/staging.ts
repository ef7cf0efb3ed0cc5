import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { describeSlice } from '../../domain/chunks.js';
import { FLAT_FILES, SPAN_COLUMNS } from '../../domain/flatFiles.js';
import { readFlatRows } from '../../stores/flatRows.js';
import type { FileCopy, FlatSource, Staging } from '../load/dialect.js';
import { FACTS } from '../load/fact.js';
import { DAY_TABLES, LEDGER, list, stagingTable } from '../load/tables.js';
import { type Load, LoadOutdated, LoadRefused } from '../warehouse.js';
import { bringOver } from './bringOver.js';
import { createStagedTable, spanTable } from './facts.js';
import { openHourPartition } from './hourPartition.js';

export const POSTGRES_STAGING: Staging = {
  make,
  copyFile,
  bringOver,
  analyze: async (client, tables) => {
    await client.query(`analyze ${tables.join(', ')}`);
  },
  requireUncrashed: async (client, { day }) => {
    const { rowCount } = await client.query('select from turn');
    if (rowCount === 0)
      throw new LoadOutdated(
        `Postgres crashed after ${day} was copied to staging, and the copy is lost: the load starts again automatically`,
      );
  },
  claimChunk: async (client, chunk, facts) => {
    const noted = await client.query(
      'insert into copied (chunk, facts) values ($1, $2) on conflict do nothing',
      [chunk, facts],
    );
    return noted.rowCount !== 0;
  },
};

/**
 * Create tables whose column `day` defaults to the load's day, and the partition for the load's hours. Rows are logged
 * only when they are published. Here they are unlogged: a crash of Postgres empties the tables, and also deletes the
 * row of `turn`, by which the crash is detected.
 */
async function make(client: pg.PoolClient, load: Load): Promise<void> {
  const day = pg.escapeLiteral(load.day);
  const tables = [
    ...DAY_TABLES.map((of) => {
      // Constraints check the sums of the ledger when its rows are inserted.
      const including = of === LEDGER ? 'defaults including constraints' : 'defaults';
      const table = stagingTable(of);
      return `
      create unlogged table ${table} (like ${of.table} including ${including});
      alter table ${table} alter day set default ${day}`;
    }),
    'create index on new_poll (feed, slot)',
    ...FACTS.map(
      (fact) => `
      create unlogged table new_${fact.spans} as
      select ${list([fact.id, ...fact.columns], 'fact.')}, ${list(SPAN_COLUMNS, 'span.')}
      from ${spanTable(fact, load)} fact cross join ${fact.entity.spans} span with no data`,
    ),
    ...FACTS.map((fact) => createStagedTable(fact, load)),
    'create unlogged table new_status_hour (like status_hour including defaults)',
    'create unlogged table copied (chunk int primary key, facts bigint not null)',
    'create unlogged table turn as select true as held',
  ];
  await client.query(tables.join(';'));
  await openHourPartition(client, load);
}

async function copyFile(
  client: pg.PoolClient,
  { file, sets, rows }: FileCopy,
  { flat }: FlatSource,
): Promise<void> {
  const copy = client.query(copyFrom(`copy new_${file} (${list(FLAT_FILES[file])}) from stdin (format csv)`));
  const slices = sets.map(({ set }) => set);
  await pipeline(readFlatRows(flat, slices, file), copy);
  if (copy.rowCount !== rows)
    throw new LoadRefused(
      `the flat files ${file} of ${slices.map(describeSlice).join(', ')} have ${copy.rowCount} rows, ` +
        `but their manifests say ${rows}. Load the day again with "ladepuls load --from DAY".`,
    );
}

import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { z } from 'zod';
import type { Day } from '../../domain/day.js';
import { type ArchiveManifest, putArchiveTable } from '../../stores/archive.js';
import type { Store } from '../../stores/store.js';
import { inTransaction } from '../connection.js';
import { identifier, literal } from '../literal.js';
import { revisionOf } from '../load/archive.js';
import type { FlatSource } from '../load/dialect.js';
import { FACTS } from '../load/fact.js';

const unloadedSchema = z.object({ entries: z.array(z.object({ url: z.string() })) });

/** Write the facts of a published day to the archive. */
export async function archiveFacts(pool: pg.Pool, day: Day, source: FlatSource) {
  const revision = await inTransaction(pool, (client) => revisionOf(client, day));
  const tables: ArchiveManifest['tables'] = {};
  for (const { view, id } of FACTS) tables[view] = await exportTable(pool, day, view, id, source);
  return { revision, tables };
}

/**
 * Write one table to the archive. The nodes write the rows to S3 with UNLOAD, because one connection is too slow and a
 * query result too large. UNLOAD writes at most 6.2 GB to one file. Therefore its files are joined to one file, as an
 * archive of any warehouse has it.
 */
async function exportTable(
  pool: pg.Pool,
  day: Day,
  view: string,
  id: string,
  { flat, iamRole = '' }: FlatSource,
): Promise<ArchiveManifest['tables'][string]> {
  const prefix = `archive/${day}/unloaded/${view}-`;
  const rows = `select * from public.${view} where day = ${literal(day)} order by ${identifier(id)}, slot`;
  await pool.query(
    `unload (${literal(rows)})
     to ${literal(`${flat.url}/${prefix}`)}
     iam_role ${literal(iamRole)}
     format csv header gzip manifest parallel off allowoverwrite`,
  );
  const manifest = unloadedSchema.parse(JSON.parse((await flat.get(`${prefix}manifest`)).toString()));
  const keys = manifest.entries.map(({ url }) => url.slice(flat.url.length + 1));
  const csv = new PassThrough();
  const joined = joinFiles(flat, keys, csv);
  const [sha256, lines] = await Promise.all([putArchiveTable(flat, day, view, csv), joined]);
  for (const key of [...keys, `${prefix}manifest`]) await flat.remove(key);
  return { rows: lines, sha256 };
}

/**
 * Join the lines of the files, with one header. Return the number of lines without the header, which is the number of
 * rows, because no value here has a line break.
 */
async function joinFiles(flat: Store, keys: string[], into: PassThrough): Promise<number> {
  let lines = 0;
  async function* contents() {
    for (const [number, key] of keys.entries()) {
      let isHeader = true;
      const file = await flat.getStream(key);
      for await (const chunk of file.pipe(createGunzip()) as AsyncIterable<Buffer>) {
        const end = isHeader ? chunk.indexOf('\n') + 1 : 0;
        const body = chunk.subarray(end);
        for (const byte of body) if (byte === 0x0a) lines++;
        if (end > 0 || !isHeader) isHeader = false;
        yield number === 0 ? chunk : body;
      }
    }
  }
  await pipeline(contents, into);
  return lines;
}

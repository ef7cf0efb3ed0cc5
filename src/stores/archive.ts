import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Store } from './store.js';

/**
 * Facts that have left the warehouse, in the flat store: for each day and table a gzipped CSV file with a header, and a
 * manifest that is written last: `archive/<day>/<table>.csv.gz`, `archive/<day>/manifest.json`.
 */
const manifestSchema = z.object({
  version: z.literal(1),
  day: z.string(),
  /** The publication of the day that was archived. */
  revision: z.number(),
  /** By table: rows without the header, and the digest of the CSV. */
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
});

export type ArchiveManifest = z.infer<typeof manifestSchema>;

/** The CSV file of a table in the archive differs from what was written: a fault of the store. */
class ArchiveDamaged extends Error {
  override name = 'ArchiveDamaged';
}

function archiveKey(day: Day, file: string): string {
  return `archive/${day}/${file}`;
}

/** Writes a table's CSV, in constant memory, and reads it back. Returns its digest. Throws an Error where they differ. */
export async function putArchiveTable(
  store: Store,
  day: Day,
  table: string,
  csv: NodeJS.ReadableStream,
): Promise<string> {
  const key = archiveKey(day, `${table}.csv.gz`);
  const written = createHash('sha256');
  const gzip = createGzip();
  await Promise.all([
    pipeline(
      csv,
      async function* (chunks: AsyncIterable<string | Buffer>) {
        for await (const chunk of chunks) {
          written.update(chunk);
          yield chunk;
        }
      },
      gzip,
    ),
    store.putStream(key, gzip),
  ]);
  const sha256 = written.digest('hex');
  const read = createHash('sha256');
  await pipeline(await store.getStream(key), createGunzip(), read);
  if (read.digest('hex') !== sha256)
    throw new ArchiveDamaged(
      `${key} does not hold what was written to it: the facts of ${day} stay where they are`,
    );
  return sha256;
}

/** Writes the manifest that makes a day's archive whole. */
export async function putArchiveManifest(
  store: Store,
  manifest: Omit<ArchiveManifest, 'version'>,
): Promise<void> {
  const body = manifestSchema.parse({ version: 1, ...manifest });
  await store.put(
    archiveKey(manifest.day, 'manifest.json'),
    Buffer.from(`${JSON.stringify(body, null, 2)}\n`),
  );
}

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../domain/day.js';
import type { Store } from './store.js';

/**
 * The manifest of an archived day.
 *
 * The archive is the part of the flat store for facts that have left the warehouse. It has a gzipped CSV file with a
 * header for each day and table, `archive/<day>/<table>.csv.gz`, and `archive/<day>/manifest.json`, which is written
 * last.
 */
const manifestSchema = z.object({
  version: z.literal(1),
  day: z.string(),
  /** The revision of the day that was archived. */
  revision: z.number(),
  /** For each table: the number of rows without the header, and the SHA-256 of the uncompressed CSV. */
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
});

export type ArchiveManifest = z.infer<typeof manifestSchema>;

/** An archived CSV file differs from what was written, because the store is faulty. */
class ArchiveDamaged extends Error {
  override name = 'ArchiveDamaged';
}

function archiveKey(day: Day, file: string): string {
  return `archive/${day}/${file}`;
}

/**
 * Write the CSV of a table in constant memory, and read it back. Returns its SHA-256.
 *
 * @throws ArchiveDamaged when the content read back differs from what was written
 */
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
      `${key} was read back with other content than was written. ` +
        `The facts of ${day} stay in the warehouse, and archiving is tried again automatically.`,
    );
  return sha256;
}

/** Write the manifest of a day's archive, after all its tables: it marks the archive as complete. */
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

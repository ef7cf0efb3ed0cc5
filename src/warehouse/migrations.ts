import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { packageUrl } from '../runtime/paths.js';

/** A migration: a file `NNN.do.<what>.sql` in `sql/<database>/`. */
export interface Migration {
  version: number;
  /** The name of the file. */
  name: string;
  text: string;
  /** Of the text, in hexadecimal digits. */
  digest: string;
}

/**
 * Reads the migrations that tables have not seen, in order.
 *
 * @param algorithm of the digests
 * @param seen the digests of the migrations that the tables have seen, by version; null: the migration is not compared
 * @throws Error where a migration that the tables have seen was changed
 */
export async function readPending(
  database: 'postgres' | 'redshift',
  algorithm: 'md5' | 'sha256',
  seen: ReadonlyMap<number, string | null>,
): Promise<Migration[]> {
  return (await readMigrations(database, algorithm)).filter(({ version, name, digest }) => {
    if (!seen.has(version)) return true;
    if ((seen.get(version) ?? digest) === digest) return false;
    throw new Error(
      `sql/${database}/${name} is not the migration that made this warehouse: a released one is never changed. ` +
        'Use the version of Ladepuls that the warehouse was made with, or a later one.',
    );
  });
}

async function readMigrations(database: string, algorithm: string): Promise<Migration[]> {
  const folder = packageUrl(`sql/${database}/`);
  const names = (await readdir(folder)).filter((name) => /^\d+\.do\..*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const digest = createHash(algorithm).update(text).digest('hex');
      return { version: Number.parseInt(name, 10), name, text, digest };
    }),
  );
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { packageUrl } from '../runtime/paths.js';

/** A migration: a file `NNN.do.<what>.sql` in `sql/<database>/`. */
export interface Migration {
  /** The number at the start of the file's name. */
  version: number;
  /** The file's name. */
  name: string;
  sql: string;
  /** The digest of the file, as a warehouse stores it of an applied migration: hexadecimal digits. */
  digest: string;
}

/** Algorithms of the digests. Existing warehouses contain such digests, so that an algorithm never changes. */
const DIGESTS = { postgres: 'md5', redshift: 'sha256' } as const;

/** A database that has migrations. */
export type MigratedDatabase = keyof typeof DIGESTS;

/** Read all migrations of a database, in the order of their numbers. */
export async function readMigrations(database: MigratedDatabase): Promise<Migration[]> {
  const folder = packageUrl(`sql/${database}/`);
  const names = (await readdir(folder)).filter((name) => /^\d+\.do\..*\.sql$/.test(name));
  const migrations = await Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      const digest = createHash(DIGESTS[database]).update(sql).digest('hex');
      return { version: Number.parseInt(name, 10), name, sql, digest };
    }),
  );
  return migrations.sort((a, b) => a.version - b.version);
}

/**
 * Read the migrations that a warehouse does not have yet, in the order of their numbers.
 *
 * @param applied digests of the applied migrations, by version; null for a digest that is not compared
 * @throws Error when the file of an applied migration has changed
 */
export async function readPending(
  database: MigratedDatabase,
  applied: ReadonlyMap<number, string | null>,
): Promise<Migration[]> {
  return (await readMigrations(database)).filter(({ version, name, digest }) => {
    if (!applied.has(version)) return true;
    if ((applied.get(version) ?? digest) === digest) return false;
    throw new Error(
      `sql/${database}/${name} differs from the migration that was applied to this warehouse, although migrations never change. ` +
        'Use the version of Ladepuls that applied the migration, or a later version.',
    );
  });
}

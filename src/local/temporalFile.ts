import { open, rename } from 'node:fs/promises';

/**
 * SQLite's messages about a file that it can't read: SQLITE_CORRUPT and SQLITE_NOTADB. See
 * https://sqlite.org/rescode.html.
 */
const CORRUPTION = /database disk image is malformed|file is not a database|SQLITE_(CORRUPT|NOTADB)/;
/** The first bytes of every SQLite database. See https://sqlite.org/fileformat.html. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** Suffixes of the files that SQLite has open: the database itself and its companions. */
const COMPANIONS = ['', '-wal', '-shm'];

/** Whether a log says that the server's database is corrupt. A full disk does not count as corruption. */
export function tellsOfCorruption(log: string): boolean {
  return CORRUPTION.test(log);
}

/** Whether a file exists and is no SQLite database. An absent or empty file becomes a database when SQLite opens it. */
export async function isNoDatabase(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
      return bytesRead > 0 && !buffer.subarray(0, bytesRead).equals(MAGIC);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Rename a database and its companions, so that a new one can be created and somebody can examine the old one.
 *
 * @returns the new path of the database
 */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.corrupt-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  for (const companion of COMPANIONS) {
    await rename(`${path}${companion}`, `${aside}${companion}`).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  return aside;
}

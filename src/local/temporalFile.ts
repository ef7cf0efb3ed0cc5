import { open, rename } from 'node:fs/promises';

/** What SQLite says of a file that it can't work with. See https://sqlite.org/rescode.html, SQLITE_CORRUPT and SQLITE_NOTADB. */
const CORRUPTION = /database disk image is malformed|file is not a database|SQLITE_(CORRUPT|NOTADB)/;
/** The first bytes of every SQLite database. See https://sqlite.org/fileformat.html. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** What SQLite keeps beside the file itself while it is open. */
const COMPANIONS = ['', '-wal', '-shm'];

/** Tells whether a log says that the server's database is corrupt. A full disk is no corruption. */
export function tellsOfCorruption(log: string): boolean {
  return CORRUPTION.test(log);
}

/** Tells whether a file is there that is no SQLite database. An absent or empty file becomes one when it is opened. */
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
 * Moves a database and its companions out of the way, to where somebody can look at them.
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

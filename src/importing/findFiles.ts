import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorCode } from '../stores/errorCode.js';
import { compareBytes } from '../stores/key.js';
import { MAX_FILE_BYTES, tooLarge } from './decompress.js';
import { type FoundFile, isHidden, type Refused } from './foundFile.js';
import { UnreadableFile } from './unreadableFile.js';
import { readZip } from './zip.js';

/**
 * List the given files, and all files below the given folders, in the order of names within a folder. Hidden files and
 * folders are skipped, unless they are given themselves. Only folders are opened.
 */
export async function walk(given: readonly string[]): Promise<(Refused | string)[]> {
  const found: (Refused | string)[] = [];
  for (const path of given) for await (const entry of walkInto(path)) found.push(entry);
  return found;
}

/**
 * Yield the files at the paths that {@link walk} found. A zip is replaced by the files in it.
 *
 * @param onEntries receives the number of files in a zip minus one, because the zip was counted as one file
 */
export async function* openFiles(
  paths: readonly (Refused | string)[],
  onEntries: (more: number) => void,
): AsyncGenerator<FoundFile | Refused> {
  for (const path of paths) {
    if (typeof path !== 'string') yield path;
    else if (isZip(path)) yield* readZip(path, onEntries);
    else yield { path, name: basename(path), read: () => readWhole(path) };
  }
}

async function* walkInto(path: string): AsyncGenerator<Refused | string> {
  try {
    const found = await stat(path);
    if (found.isFile()) yield path;
    else if (found.isDirectory()) yield* walkFolder(path);
    else yield { path, reason: 'is neither a file nor a folder' };
  } catch (error) {
    yield { path, reason: describe(error) };
  }
}

async function* walkFolder(folder: string): AsyncGenerator<Refused | string> {
  const names = (await readdir(folder)).filter((name) => !isHidden(name)).sort(compareBytes);
  for (const name of names) {
    const path = join(folder, name);
    // A link to a folder may lead to a cycle. A link to a file is read like the file.
    if (await isLinkToFolder(path)) yield { path, reason: 'is a link to a folder: give that folder itself' };
    else yield* walkInto(path);
  }
}

async function isLinkToFolder(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSymbolicLink()) return false;
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false, // a broken link is reported later, as a file that does not exist
  );
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) throw tooLarge();
    return await readFile(path);
  } catch (error) {
    throw error instanceof UnreadableFile ? error : new UnreadableFile(describe(error));
  }
}

function describe(error: unknown): string {
  if (errorCode(error) === 'ENOENT') return 'does not exist';
  return `can't be read: ${error instanceof Error ? error.message : String(error)}`;
}

function isZip(path: string): boolean {
  return path.toLowerCase().endsWith('.zip');
}

import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { MAX_FILE_BYTES, tooLarge } from './decompress.js';
import { type FoundFile, isHidden, type Refused } from './foundFile.js';
import { UnreadableFile } from './unreadableFile.js';

/**
 * Yield the files of a zip, one after another; each file is read only when it is requested. Folders and hidden files
 * are skipped. A zip within the zip is not opened. Only the part of an entry's name after the last slash is the file
 * name, and nothing is written to the disk.
 *
 * @param onEntries receives the number of files in the zip minus one, because the zip was counted as one file
 */
export async function* readZip(
  path: string,
  onEntries: (more: number) => void,
): AsyncGenerator<FoundFile | Refused> {
  let zip: ZipFile;
  try {
    // Names stay bytes, because decoding them would refuse the whole zip for one name that leads out of a folder.
    zip = await openPromise(path, { decodeStrings: false, autoClose: false });
  } catch (error) {
    yield { path, reason: unreadable(error) };
    return;
  }
  try {
    const { entries, problem } = await listEntries(zip);
    onEntries(entries.length - 1);
    for (const { name, entry } of entries) yield await readFound(zip, entry, `${path}/${name}`);
    if (problem !== null) yield { path, reason: problem };
  } finally {
    zip.close();
  }
}

interface NamedEntry {
  name: string;
  entry: Entry;
}

async function listEntries(zip: ZipFile): Promise<{ entries: NamedEntry[]; problem: string | null }> {
  const entries: NamedEntry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      if (!name.endsWith('/') && !isHidden(posix.basename(name))) entries.push({ name, entry });
    }
    return { entries, problem: null };
  } catch (error) {
    return { entries, problem: `${unreadable(error)}; the files before this position were read` };
  }
}

/** Read an entry immediately, because the zip may be closed when its bytes are used. */
async function readFound(zip: ZipFile, entry: Entry, path: string): Promise<FoundFile> {
  const read = await readEntry(zip, entry).catch((error: unknown) =>
    error instanceof UnreadableFile ? error : new UnreadableFile(unreadable(error)),
  );
  return {
    path,
    name: posix.basename(path),
    read: () => (read instanceof UnreadableFile ? Promise.reject(read) : Promise.resolve(read)),
  };
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  // The size is the zip's own claim. When the real size differs, yauzl ends the stream with an error.
  if (entry.uncompressedSize > MAX_FILE_BYTES) throw tooLarge();
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  if (crc32(bytes) !== entry.crc32)
    throw new UnreadableFile('is damaged: its checksum differs from the one in the zip');
  return bytes;
}

/** Return the name of an entry with slashes, because some programs separate folders by backslashes. */
function nameOf(entry: Entry): string {
  return entry.fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

function unreadable(error: unknown): string {
  return `can't be read from the zip: ${error instanceof Error ? error.message : String(error)}`;
}

import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { MAX_FILE_BYTES, tooLarge } from './decompress.js';
import { type FoundFile, isHidden, type Refused } from './foundFile.js';
import { UnreadableFile } from './unreadableFile.js';

/**
 * The files of a zip, one after another, each read only when it is asked for. Folders and hidden files
 * are passed over; zips within it are not opened. Of an entry's name only what follows the last slash
 * counts, and nothing is written anywhere.
 * @param onEntries told how many files there are besides the one that the zip is
 */
export async function* readZip(
  path: string,
  onEntries: (more: number) => void,
): AsyncGenerator<FoundFile | Refused> {
  let zip: ZipFile;
  try {
    // Names stay bytes: decoding them would refuse the whole zip for one that leads out of a folder.
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
    return { entries, problem: `${unreadable(error)}; it was read up to there` };
  }
}

/** An entry with its bytes, read at once: the zip may be closed when they are used. */
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
  // The size is the zip's own claim; yauzl ends the stream with an error where it turns out to be another.
  if (entry.uncompressedSize > MAX_FILE_BYTES) throw tooLarge();
  const bytes = await buffer(await zip.openReadStreamPromise(entry));
  if (crc32(bytes) !== entry.crc32)
    throw new UnreadableFile("is damaged: its checksum in the zip is another's");
  return bytes;
}

/** Some programs join folders by backslashes. */
function nameOf(entry: Entry): string {
  return entry.fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

function unreadable(error: unknown): string {
  return `can't be read from the zip: ${error instanceof Error ? error.message : String(error)}`;
}

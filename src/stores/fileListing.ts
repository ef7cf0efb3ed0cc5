import { join } from 'node:path';
import { errorCode } from './errorCode.js';
import type { FileReads } from './fileReads.js';
import { canStartKey, isKey } from './key.js';
import { readAhead } from './readAhead.js';
import type { StoredObject } from './store.js';

/** Entries of a folder that are read ahead of the one that is being listed. */
const READ_AHEAD = 16;

/** The folder in which files are, and how it is read. */
export interface FileTree {
  /** Absolute path. */
  root: string;
  reads: FileReads;
}

/** An entry of a folder. A folder's key ends in a slash. */
export interface FolderEntry {
  key: string;
  isFolder: boolean;
}

/**
 * Lists the files whose key starts with `prefix`, in the byte order of their whole keys, while folders
 * and files may come and go. Holds the entries of one folder a level.
 */
export async function* listFiles(tree: FileTree, prefix: string): AsyncGenerator<StoredObject> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const entries = await readFolder(tree, folder);
  yield* listEntries(
    tree,
    entries.filter((entry) => entry.key.startsWith(prefix)),
  );
}

/**
 * The entries of the folder `prefix` ("" or ending in a slash), in the byte order of the keys below them:
 * `a-b` stands before the folder `a/`. Nothing where there is no such folder.
 */
export async function readFolder({ reads, root }: FileTree, prefix: string): Promise<FolderEntry[]> {
  const found = await orNothing(reads.entries(join(root, prefix)));
  return (found ?? [])
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .map((entry) => folderEntry(prefix, entry.name, entry.isDirectory()))
    .filter(({ key, isFolder }) => (isFolder ? canStartKey(key) : isKey(key)))
    .map((entry) => ({ entry, bytes: Buffer.from(entry.key) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}

function folderEntry(prefix: string, name: string, isFolder: boolean): FolderEntry {
  return { key: isFolder ? `${prefix}${name}/` : prefix + name, isFolder };
}

async function* listEntries(tree: FileTree, entries: FolderEntry[]): AsyncGenerator<StoredObject> {
  for await (const { objects, below } of readAhead(entries, READ_AHEAD, (entry) => readEntry(tree, entry))) {
    yield* objects;
    yield* listEntries(tree, below);
  }
}

/** What an entry holds: the objects that are known already, then entries still to be read. */
interface EntryContents {
  objects: StoredObject[];
  below: FolderEntry[];
}

async function readEntry(tree: FileTree, entry: FolderEntry): Promise<EntryContents> {
  if (!entry.isFolder) return { objects: await statFiles(tree, [entry]), below: [] };
  const entries = await readFolder(tree, entry.key);
  // Most folders hold an object or two. Reading those whole, ahead, saves a wait for each.
  const isSmall = entries.length <= READ_AHEAD && !entries.some((below) => below.isFolder);
  return isSmall ? { objects: await statFiles(tree, entries), below: [] } : { objects: [], below: entries };
}

/** The files' listing entries; a file that vanished since its folder was read has none. */
async function statFiles({ reads, root }: FileTree, files: FolderEntry[]): Promise<StoredObject[]> {
  const found = await Promise.all(files.map(({ key }) => orNothing(reads.stat(join(root, key)))));
  return files.flatMap(({ key }, i) => {
    const file = found[i];
    return file ? [{ key, size: file.size, modifiedMs: Math.trunc(file.mtimeMs) }] : [];
  });
}

/** Undefined where the file or folder is not, or no longer, there. */
async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

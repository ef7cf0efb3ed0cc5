import { join } from 'node:path';
import { errorCode } from './errorCode.js';
import type { FileReads } from './fileReads.js';
import { canStartKey, isKey } from './key.js';
import { readAhead } from './readAhead.js';
import type { StoredObject } from './store.js';

/** Entries of a folder that are read ahead while the caller processes one. */
const READ_AHEAD = 16;

/** A root folder, and the functions that read it. */
export interface FileTree {
  /** Absolute path. */
  root: string;
  reads: FileReads;
}

/** An entry of a folder. The key of a folder ends in a slash. */
export interface FolderEntry {
  key: string;
  isFolder: boolean;
}

/**
 * List the files whose key starts with `prefix`, in the byte order of their whole keys. Files and folders may be
 * created and removed during the listing. Holds the entries of one folder per level in memory.
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
 * List the entries of the folder `prefix` ("" or ending in a slash), in the byte order of the keys below them: `a-b`
 * comes before the folder `a/`. The list is empty when the folder does not exist.
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

/** Content of an entry: objects that are fully known, and entries that must still be read. */
interface EntryContents {
  objects: StoredObject[];
  below: FolderEntry[];
}

async function readEntry(tree: FileTree, entry: FolderEntry): Promise<EntryContents> {
  if (!entry.isFolder) return { objects: await statFiles(tree, [entry]), below: [] };
  const entries = await readFolder(tree, entry.key);
  // Most folders hold one or two objects. Reading such a folder ahead avoids waiting for each object.
  const isSmall = entries.length <= READ_AHEAD && !entries.some((below) => below.isFolder);
  return isSmall ? { objects: await statFiles(tree, entries), below: [] } : { objects: [], below: entries };
}

/** Return the files as listed objects. Leaves out files that were removed since their folder was read. */
async function statFiles({ reads, root }: FileTree, files: FolderEntry[]): Promise<StoredObject[]> {
  const found = await Promise.all(files.map(({ key }) => orNothing(reads.stat(join(root, key)))));
  return files.flatMap(({ key }, i) => {
    const file = found[i];
    return file ? [{ key, size: file.size, modifiedMs: Math.trunc(file.mtimeMs) }] : [];
  });
}

/** Return undefined when the file or folder does not exist. */
async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

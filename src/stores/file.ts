import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { errorCode } from './errorCode.js';
import { type FileTree, listFiles, readFolder } from './fileListing.js';
import { type FileReads, yieldingReads } from './fileReads.js';
import { canStartKey, checkFolderPrefix, checkKey, compareBytes, UNFINISHED_FOLDER } from './key.js';
import { type Modes, PRIVATE, publish, publishNew } from './publish.js';
import { ObjectNotFound, type Store, type StoredObject } from './store.js';

/**
 * Age from which an unfinished file counts as abandoned. A running writer never pauses this long. Therefore a killed
 * writer left an older file.
 */
const LEFTOVER_AGE_MS = 24 * 3_600_000;

/** Error codes of the system when a file has the path of a needed folder, or a folder has the path of a file. */
const IN_THE_WAY = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY']);

/** Error codes of the system when there is no file at a path. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR']);

/**
 * A store that holds objects as files below a root folder. A file's path below the root is its key. The first write
 * creates the root.
 *
 * Each object is first written to a file of its own in `.tmp` below the root and flushed. A link or rename then
 * publishes the file in one step, and the folder is flushed. Therefore the root must be on one file system. Unless
 * other modes are given, files have at most mode 0640 and new folders at most 0750, whatever the umask: only the
 * owner and the group may read feeds' answers.
 */
export class FileStore implements Store {
  readonly url: string;
  private readonly tree: FileTree;
  private swept: Promise<void> | undefined;

  /** @param root absolute path */
  constructor(
    private readonly root: string,
    reads: FileReads = yieldingReads,
    private readonly modes: Modes = PRIVATE,
  ) {
    this.url = `file:${root}`;
    this.tree = { root, reads };
  }

  async putNew(key: string, body: Uint8Array): Promise<boolean> {
    return this.write(key, this.filledWith(body), (finished, target) =>
      this.publishNew(key, finished, target),
    );
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.write(key, this.filledWith(body), (finished, target) => publish(finished, target, this.modes));
  }

  async putStream(key: string, body: NodeJS.ReadableStream): Promise<void> {
    await this.write(key, this.filledFrom(body), (finished, target) => publish(finished, target, this.modes));
  }

  async putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean> {
    return this.write(key, this.filledFrom(body), (finished, target) =>
      this.publishNew(key, finished, target),
    );
  }

  async get(key: string): Promise<Buffer> {
    const path = this.pathOf(key);
    return this.orNotFound(key, () => this.tree.reads.content(path));
  }

  async getStream(key: string): Promise<NodeJS.ReadableStream> {
    const path = this.pathOf(key);
    const file = await this.orNotFound(key, () => open(path, 'r'));
    if ((await file.stat()).isFile()) return file.createReadStream();
    await file.close();
    throw this.notFound(key);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    if (canStartKey(prefix)) yield* listFiles(this.tree, prefix);
  }

  async listFolders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    if (!canStartKey(prefix)) return [];
    const entries = await readFolder(this.tree, prefix);
    return entries
      .filter((entry) => entry.isFolder)
      .map((entry) => entry.key.slice(prefix.length, -1))
      .sort(compareBytes);
  }

  async remove(key: string): Promise<void> {
    const path = this.pathOf(key);
    try {
      await rm(path);
    } catch (error) {
      if (NO_FILE.has(errorCode(error) ?? '')) return;
      throw error;
    }
    await this.removeEmptyFolders(dirname(path));
  }

  /** Do nothing: the store has no open handles. */
  async close(): Promise<void> {}

  private filledWith(body: Uint8Array): (unfinished: string) => Promise<void> {
    return (unfinished) => writeFile(unfinished, body, { flag: 'wx', flush: true, mode: this.modes.file });
  }

  private filledFrom(body: NodeJS.ReadableStream): (unfinished: string) => Promise<void> {
    return (unfinished) =>
      pipeline(body, createWriteStream(unfinished, { flags: 'wx', flush: true, mode: this.modes.file }));
  }

  /** Fill an unfinished file and publish it under the object's key. When a step fails, remove the unfinished file. */
  private async write<T>(
    key: string,
    fill: (unfinished: string) => Promise<void>,
    publishAs: (finished: string, target: string) => Promise<T>,
  ): Promise<T> {
    const target = this.pathOf(key);
    const unfinished = join(await this.unfinishedFolder(), randomUUID());
    try {
      await fill(unfinished);
      return await publishAs(unfinished, target).catch((error: unknown) => {
        throw IN_THE_WAY.has(errorCode(error) ?? '') ? this.inTheWay(key, error) : error;
      });
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  /**
   * Create the folder of unfinished files. The first call also removes files that killed writers left in the folder.
   */
  private async unfinishedFolder(): Promise<string> {
    const folder = join(this.root, UNFINISHED_FOLDER);
    try {
      await mkdir(folder, { recursive: true, mode: this.modes.folder });
      await (this.swept ??= removeLeftovers(folder));
      return folder;
    } catch (error) {
      throw new Error(
        `the store ${this.url} can't be written to: ${String(error)}. Make its folder writable, or choose another folder.`,
        { cause: error },
      );
    }
  }

  /**
   * Remove a folder and its parents up to the root as long as they are empty: an empty folder would be listed as if
   * it held objects. A writer that needs the folder creates it again.
   */
  private async removeEmptyFolders(folder: string): Promise<void> {
    for (let current = folder; current !== this.root; current = dirname(current)) {
      try {
        await rmdir(current);
      } catch {
        return;
      }
    }
  }

  /**
   * Publish an object that must not exist yet. Returns false when an object with this key exists.
   *
   * @throws Error when the key is the folder of other objects
   */
  private async publishNew(key: string, finished: string, target: string): Promise<boolean> {
    if (await publishNew(finished, target, this.modes)) return true;
    const found = await stat(this.pathOf(key)).catch(() => undefined);
    if (found?.isDirectory()) throw this.inTheWay(key);
    return false;
  }

  private pathOf(key: string): string {
    checkKey(key);
    return join(this.root, key);
  }

  private async orNotFound<T>(key: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw NO_FILE.has(errorCode(error) ?? '') ? this.notFound(key) : error;
    }
  }

  private notFound(key: string): ObjectNotFound {
    return new ObjectNotFound(`there is no object "${key}" in ${this.url}`);
  }

  private inTheWay(key: string, cause?: unknown): Error {
    return new Error(
      `"${key}" can't be written to ${this.url}: a key can't be both an object and a folder, ` +
        `and this path already exists as the other kind`,
      { cause },
    );
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  const oldestMs = Date.now() - LEFTOVER_AGE_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < oldestMs) await rm(path, { force: true });
  }
}

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

/** No write pauses this long: what is older was left by a writer that was killed. */
const LEFTOVER_AGE_MS = 24 * 3_600_000;

/** What the system says where a file stands in a folder's place, or a folder in a file's. */
const IN_THE_WAY = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY']);

/** What the system says where no file is. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR']);

/**
 * Objects as files below a folder, which is made when the first one is written. A file's path is its key.
 *
 * An object is written to a file of its own in `.tmp` below the root, flushed, and linked or moved to its
 * place in one step; then the folder is flushed too. So the root must be on one file system. Files have the mode 0640 at
 * most and new folders 0750, whatever the umask, unless other modes are given: feeds' answers are the owner's and the group's.
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

  /** Nothing is held open. */
  async close(): Promise<void> {}

  private filledWith(body: Uint8Array): (unfinished: string) => Promise<void> {
    return (unfinished) => writeFile(unfinished, body, { flag: 'wx', flush: true, mode: this.modes.file });
  }

  private filledFrom(body: NodeJS.ReadableStream): (unfinished: string) => Promise<void> {
    return (unfinished) =>
      pipeline(body, createWriteStream(unfinished, { flags: 'wx', flush: true, mode: this.modes.file }));
  }

  /** Fills an unfinished file and publishes it; whatever fails, the unfinished file does not stay. */
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

  /** Makes the folder of unfinished files, and removes once what killed writers left there. */
  private async unfinishedFolder(): Promise<string> {
    const folder = join(this.root, UNFINISHED_FOLDER);
    try {
      await mkdir(folder, { recursive: true, mode: this.modes.folder });
      await (this.swept ??= removeLeftovers(folder));
      return folder;
    } catch (error) {
      throw new Error(
        `the store ${this.url} can't be written to: ${String(error)}. Make its folder writable, or name another one`,
        { cause: error },
      );
    }
  }

  /** Empty folders would be listed as if they held objects. A writer that needs one again makes it again. */
  private async removeEmptyFolders(folder: string): Promise<void> {
    for (let current = folder; current !== this.root; current = dirname(current)) {
      try {
        await rmdir(current);
      } catch {
        return;
      }
    }
  }

  /** Whether it was published: false where the place was taken by an object of that key, and not by others' folder. */
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
      `"${key}" can't be written to ${this.url}: an object's key can't also be the folder of other objects, ` +
        `and there is one of the other kind already`,
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

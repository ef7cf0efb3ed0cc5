import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';

/** How files and folders are read; paths are absolute. Each fails as `node:fs` does. */
export interface FileReads {
  entries: (folder: string) => Promise<Dirent[]>;
  stat: (path: string) => Promise<Stats>;
  content: (path: string) => Promise<Buffer>;
}

/** Lets others go on meanwhile. */
export const yieldingReads: FileReads = {
  entries: (folder) => readdir(folder, { withFileTypes: true }),
  stat: (path) => stat(path),
  content: (path) => readFile(path),
};

/** Blocks the thread, which must have nothing else to do: less work, where files are many and small. */
export const blockingReads: FileReads = {
  entries: (folder) => asPromise(() => readdirSync(folder, { withFileTypes: true })),
  stat: (path) => asPromise(() => statSync(path)),
  content: (path) => asPromise(() => readFileSync(path)),
};

/** Rejects where reading throws. */
function asPromise<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(read());
  });
}

import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';

/** Functions that read files and folders; paths are absolute. They fail like the functions of `node:fs`. */
export interface FileReads {
  entries: (folder: string) => Promise<Dirent[]>;
  stat: (path: string) => Promise<Stats>;
  content: (path: string) => Promise<Buffer>;
}

/** Asynchronous reads, which let the thread do other work. */
export const yieldingReads: FileReads = {
  entries: (folder) => readdir(folder, { withFileTypes: true }),
  stat: (path) => stat(path),
  content: (path) => readFile(path),
};

/** Synchronous reads, for a thread without other work. They cost less when files are many and small. */
export const blockingReads: FileReads = {
  entries: (folder) => asPromise(() => readdirSync(folder, { withFileTypes: true })),
  stat: (path) => asPromise(() => statSync(path)),
  content: (path) => asPromise(() => readFileSync(path)),
};

/** Turn a synchronous read into a promise, which rejects when the read throws. */
function asPromise<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(read());
  });
}

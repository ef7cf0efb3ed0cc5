/** A file that was found at the paths to import. */
export interface FoundFile {
  /** Path that people read; for an entry of a zip, the zip's path and the entry's path. */
  path: string;
  /** File name without folders. */
  name: string;
  /** Read the bytes as they are stored. Rejects with {@link UnreadableFile} when they can't be read. */
  read(): Promise<Buffer>;
}

/** A path that was found and can't be imported, and why. */
export interface Refused {
  path: string;
  reason: string;
}

/**
 * Return whether a name begins with a dot, as do files that systems create beside a user's files, such as `.DS_Store`.
 */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** A file that was found where files are to be imported from. */
export interface FoundFile {
  /** Its path, as people read it; of a zip's entry, the zip's and the entry's. */
  path: string;
  /** Its name without folders. */
  name: string;
  /** Its bytes as they are stored. Rejects with {@link UnreadableFile}. */
  read(): Promise<Buffer>;
}

/** Something that was found, but is no file to import, and why. */
export interface Refused {
  path: string;
  reason: string;
}

/** Whether a name is of those that systems make beside a user's own files, such as `.DS_Store`. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

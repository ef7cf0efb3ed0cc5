/** An object's listing entry. */
export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch. */
  modifiedMs: number;
}

/** No object of that key: it never was, or it is gone. */
export class ObjectNotFound extends Error {
  override name = 'ObjectNotFound';
}

/**
 * Objects by key: `file:` and `s3://` behave alike. Keys are relative, of segments joined by `/`; a
 * segment is not empty, not `.` or `..`, and has no control characters or backslashes.
 *
 * An object is whole or absent, at any moment and for every reader, also when the writer dies.
 */
export interface Store {
  /** The address it was opened by, for people. */
  readonly url: string;
  /**
   * Writes an object that must not exist yet.
   * @returns false when an object of that key exists already; then nothing was changed.
   */
  putNew(key: string, body: Uint8Array): Promise<boolean>;
  /** Writes an object, replacing what was there. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Writes an object from a stream of any length in constant memory. Nothing is there if the stream fails. */
  putStream(key: string, body: NodeJS.ReadableStream): Promise<void>;
  /**
   * Writes an object that must not exist yet from a stream of any length in constant memory. Nothing is there if the
   * stream fails.
   * @returns false when an object of that key exists already; then nothing was changed.
   */
  putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean>;
  /** Reads an object. Throws {@link ObjectNotFound}. */
  get(key: string): Promise<Buffer>;
  /** Reads an object as a stream. Throws {@link ObjectNotFound}. */
  getStream(key: string): Promise<NodeJS.ReadableStream>;
  /** All objects whose key starts with the prefix (any string), in the byte order of their keys. Pages are fetched as needed. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** The distinct next segments below `prefix` (which is "" or ends in `/`), sorted: S3's common prefixes, without their slash. */
  listFolders(prefix: string): Promise<string[]>;
  /** Removes an object; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** Releases connections. */
  close(): Promise<void>;
}

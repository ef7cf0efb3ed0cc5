/** An object as listed. */
export interface StoredObject {
  key: string;
  /** Size in bytes. */
  size: number;
  /** Milliseconds since the epoch. */
  modifiedMs: number;
}

/** No object has the requested key: it was never written, or it was removed. */
export class ObjectNotFound extends Error {
  override name = 'ObjectNotFound';
}

/**
 * A store of objects by key. Stores at `file:` and `s3://` addresses behave alike. Keys are relative paths with
 * segments separated by `/`. A segment is not empty, not `.` or `..`, and has no control characters or backslashes.
 *
 * Every reader sees an object either completely or not at all, even when the writer is killed.
 */
export interface Store {
  /** The address of the store, for display. */
  readonly url: string;
  /**
   * Write an object that must not exist yet.
   *
   * @returns false when an object with this key already exists; then nothing was changed
   */
  putNew(key: string, body: Uint8Array): Promise<boolean>;
  /** Write an object, or replace the existing one. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Write an object from a stream of any length in constant memory. When the stream fails, no object is created. */
  putStream(key: string, body: NodeJS.ReadableStream): Promise<void>;
  /**
   * Write an object that must not exist yet from a stream of any length, in constant memory. When the stream fails,
   * no object is created.
   *
   * @returns false when an object with this key already exists; then nothing was changed
   */
  putNewStream(key: string, body: NodeJS.ReadableStream): Promise<boolean>;
  /**
   * Read an object.
   *
   * @throws ObjectNotFound when no object has this key
   */
  get(key: string): Promise<Buffer>;
  /**
   * Read an object as a stream.
   *
   * @throws ObjectNotFound when no object has this key
   */
  getStream(key: string): Promise<NodeJS.ReadableStream>;
  /**
   * List all objects whose key starts with the prefix (any string), in the byte order of their keys. Fetches further
   * pages when the caller needs them.
   */
  list(prefix: string): AsyncIterable<StoredObject>;
  /**
   * List the distinct next segments below `prefix` (which is "" or ends in `/`), sorted. These are S3's common
   * prefixes without the trailing slash.
   */
  listFolders(prefix: string): Promise<string[]>;
  /** Remove an object. Does nothing when the object does not exist. */
  remove(key: string): Promise<void>;
  /** Close all connections. */
  close(): Promise<void>;
}

import { finished, pipeline } from 'node:stream';
import { type BrotliDecompress, createBrotliDecompress } from 'node:zlib';
import { extract, type ExtractEvents } from 'tar-stream';
import { UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';

/** Size of decompressed chunks: a few answers at once. Answers are decompressed only when the caller reads them. */
const CHUNK_BYTES = 1024 * 1024;
/** Chunk size when only the index is read, so that little more than the index is decompressed. */
const INDEX_CHUNK_BYTES = 64 * 1024;

/** A file of an archive, as a stream of its content. */
type File = ExtractEvents['entry'][1];

/** The files of a sealed object, read in order. After a failure, every further call fails with the same error. */
export class Archive {
  private readonly decompressor: BrotliDecompress;
  private readonly files: AsyncIterator<File>;
  private failure: Error | undefined;

  private constructor(
    private readonly key: string,
    stored: NodeJS.ReadableStream,
    chunkSize: number,
  ) {
    const decompressor = createBrotliDecompress({ chunkSize });
    const archive = extract();
    this.decompressor = decompressor;
    this.files = archive[Symbol.asyncIterator]();
    finished(stored, (error) => {
      // A store that can't be reached does not mean that the object is damaged. The caller may retry.
      if (error && !decompressor.destroyed) this.failure ??= error;
    });
    // The reader of the files receives failures, so that they need no handling here.
    pipeline(stored, decompressor, archive as unknown as NodeJS.WritableStream, () => undefined);
  }

  /**
   * Open an archive for reading all files, or only the index.
   *
   * @throws ObjectNotFound when the object does not exist
   */
  static async open(store: Store, key: string, part: 'all' | 'index' = 'all'): Promise<Archive> {
    return new Archive(key, await store.getStream(key), part === 'all' ? CHUNK_BYTES : INDEX_CHUNK_BYTES);
  }

  /**
   * Return the content of the next file, which must have this name.
   *
   * @throws UnreadableObject when the archive is damaged; every further call then throws the same error
   */
  read(name: string): Promise<Buffer> {
    return this.readable(async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of await this.next(name)) chunks.push(chunk as Buffer);
      return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks); // avoids a copy
    });
  }

  /** Skip the next file, which must have this name. */
  skip(name: string): Promise<void> {
    return this.readable(async () => void (await this.next(name)).resume());
  }

  expectEnd(): Promise<void> {
    return this.readable(async () => {
      const next = await this.files.next();
      if (next.done !== true)
        throw new RangeError(`unexpected file ${next.value.header.name} after the last answer`);
    });
  }

  close(): void {
    this.failure ??= new Error(`${this.key} was closed`);
    this.decompressor.destroy();
  }

  private async next(name: string): Promise<File> {
    const next = await this.files.next();
    const found = next.done === true ? 'the end' : next.value.header.name;
    if (next.done === true || found !== name) throw new RangeError(`expected file ${name}, found ${found}`);
    return next.value;
  }

  private async readable<T>(read: () => Promise<T>): Promise<T> {
    if (this.failure !== undefined) throw this.failure;
    try {
      return await read();
    } catch (error) {
      throw (this.failure ??= this.damaged(error as Error));
    }
  }

  private damaged(error: Error): UnreadableObject {
    return new UnreadableObject(
      `${this.key} is damaged (${error.message}). Nothing was removed. Keep a copy of the object, and replace it by an undamaged copy`,
      { cause: error },
    );
  }
}

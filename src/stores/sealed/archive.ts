import { finished, pipeline } from 'node:stream';
import { type BrotliDecompress, createBrotliDecompress } from 'node:zlib';
import { extract, type ExtractEvents } from 'tar-stream';
import { UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';

/** A few answers at once: they leave the decompressor as they are asked for. */
const CHUNK_BYTES = 1024 * 1024;
/** An index, of which little more is decompressed than that. */
const INDEX_CHUNK_BYTES = 64 * 1024;

/** A file of an archive, as a stream of its content. */
type File = ExtractEvents['entry'][1];

/** A sealed object's files, in their order. What is not as it should be once, stays so for all that follows. */
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
      // A store that can't be reached says nothing of the object: that is for the caller to try again.
      if (error && !decompressor.destroyed) this.failure ??= error;
    });
    // Whoever reads the files hears of failures.
    pipeline(stored, decompressor, archive as unknown as NodeJS.WritableStream, () => undefined);
  }

  /** Opens an archive for all that is in it, or for its index alone. Throws ObjectNotFound where there is no such object. */
  static async open(store: Store, key: string, part: 'all' | 'index' = 'all'): Promise<Archive> {
    return new Archive(key, await store.getStream(key), part === 'all' ? CHUNK_BYTES : INDEX_CHUNK_BYTES);
  }

  /** The content of the next file, which must have this name. Throws {@link UnreadableObject}, as all that follows. */
  read(name: string): Promise<Buffer> {
    return this.readable(async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of await this.next(name)) chunks.push(chunk as Buffer);
      return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks); // most needn't be copied
    });
  }

  /** Passes over the next file, which must have this name. */
  skip(name: string): Promise<void> {
    return this.readable(async () => void (await this.next(name)).resume());
  }

  expectEnd(): Promise<void> {
    return this.readable(async () => {
      const next = await this.files.next();
      if (next.done !== true) throw new RangeError(`it goes on with ${next.value.header.name}`);
    });
  }

  close(): void {
    this.failure ??= new Error(`${this.key} was closed`);
    this.decompressor.destroy();
  }

  private async next(name: string): Promise<File> {
    const next = await this.files.next();
    const found = next.done === true ? 'its end' : next.value.header.name;
    if (next.done === true || found !== name) throw new RangeError(`${found} stands in the place of ${name}`);
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
      `${this.key} is damaged (${error.message}): nothing was removed; keep the object, and put an undamaged copy in its place`,
      { cause: error },
    );
  }
}

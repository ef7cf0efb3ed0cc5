import { pipeline } from 'node:stream';
import { type BrotliDecompress, createBrotliDecompress } from 'node:zlib';
import { UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';
import { ByteReader } from './byteReader.js';
import { BLOCK_BYTES, decodeHeader, paddingOf, type TarEntry } from './ustar.js';

/** An answer or two at once: they leave the decompressor as they are asked for. */
const CHUNK_BYTES = 512 * 1024;

/** A sealed object's files, in their order. What is not as it should be once, stays so for all that follows. */
export class Archive {
  private failure: Error | undefined;

  private constructor(
    private readonly key: string,
    private readonly bytes: ByteReader,
    private readonly decompressor: BrotliDecompress,
    private readonly source: { failed: boolean },
  ) {}

  /** Throws ObjectNotFound where there is no such object. */
  static async open(store: Store, key: string): Promise<Archive> {
    const stored = await store.getStream(key);
    const decompressor = createBrotliDecompress({ chunkSize: CHUNK_BYTES });
    const source = { failed: false };
    stored.on('error', () => (source.failed = true));
    pipeline(stored, decompressor, () => undefined); // whoever reads the decompressor hears of its failures
    return new Archive(key, new ByteReader(decompressor as AsyncIterable<Buffer>), decompressor, source);
  }

  /** The content of the next file, which must have this name. Throws {@link UnreadableObject}, as all that follows. */
  read(name: string): Promise<Buffer> {
    return this.readable(async () => {
      const { size } = await this.header(name);
      const content = await this.bytes.read(size);
      await this.bytes.skip(paddingOf(size));
      return content;
    });
  }

  /** Passes over the next file, which must have this name. */
  skip(name: string): Promise<void> {
    return this.readable(async () => {
      const { size } = await this.header(name);
      await this.bytes.skip(size + paddingOf(size));
    });
  }

  expectEnd(): Promise<void> {
    return this.readable(async () => {
      const next = decodeHeader(await this.bytes.read(BLOCK_BYTES));
      if (next !== null) throw new RangeError(`it goes on with ${next.name}`);
    });
  }

  close(): void {
    this.decompressor.destroy();
  }

  private async header(name: string): Promise<TarEntry> {
    const entry = decodeHeader(await this.bytes.read(BLOCK_BYTES));
    if (entry?.name !== name)
      throw new RangeError(`${entry?.name ?? 'its end'} stands in the place of ${name}`);
    return entry;
  }

  private async readable<T>(read: () => Promise<T>): Promise<T> {
    if (this.failure !== undefined) throw this.failure;
    try {
      return await read();
    } catch (error) {
      // A store that can't be reached says nothing of the object: that is for the caller to try again.
      this.failure = this.source.failed ? (error as Error) : this.damaged(error as Error);
      throw this.failure;
    }
  }

  private damaged(error: Error): UnreadableObject {
    return new UnreadableObject(
      `${this.key} is damaged (${error.message}): put an undamaged copy of it in its place; without one, move it away`,
      { cause: error },
    );
  }
}

import { checkAnswer, type RawAnswer, UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';
import { Archive } from './archive.js';
import { decodeIndex, type SealedIndex } from './sealedIndex.js';
import { fileName, INDEX_NAME } from './sealedObject.js';

/**
 * Reads a sealed object as a stream: first its index, then the answers, of which it holds one at a time. In the order of
 * the index it is decompressed once; an answer before the last one read makes it begin anew.
 */
export class SealedReader {
  private position = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly store: Store,
    readonly key: string,
    readonly index: SealedIndex,
    /** The index as it was read. */
    readonly indexBytes: Buffer,
    private archive: Archive,
  ) {}

  /**
   * Opens a sealed object and reads its index. Throws ObjectNotFound where there is none, and {@link UnreadableObject}
   * where it does not hold what it should.
   */
  static open(store: Store, key: string): Promise<SealedReader> {
    return SealedReader.openPart(store, key, 'all');
  }

  private static async openPart(store: Store, key: string, part: 'all' | 'index'): Promise<SealedReader> {
    const archive = await Archive.open(store, key, part);
    try {
      const bytes = await archive.read(INDEX_NAME);
      return new SealedReader(store, key, readIndex(key, bytes), bytes, archive);
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  /** Opens a sealed object for its index alone, of which no more is read than that. Throws as {@link open} does. */
  static async index(store: Store, key: string): Promise<SealedIndex> {
    const reader = await SealedReader.openPart(store, key, 'index');
    reader.close();
    return reader.index;
  }

  /**
   * The line of metadata and the body of the answer at a place of the index. Throws {@link UnreadableObject} where it is
   * not readable any more, and ObjectNotFound where the object must be read anew and has gone.
   */
  content(position: number): Promise<Buffer> {
    const reading = this.turn.then(() => this.readAt(position));
    this.turn = reading.catch(() => undefined);
    return reading;
  }

  /** {@link content}, taken apart and checked. */
  async answer(position: number): Promise<RawAnswer> {
    return checkAnswer(this.keyAt(position), await this.content(position));
  }

  /** Throws {@link UnreadableObject} unless the archive ends behind the answer that was read last. */
  async expectEnd(): Promise<void> {
    await this.turn;
    await this.archive.expectEnd();
  }

  close(): void {
    this.archive.close();
  }

  private async readAt(position: number): Promise<Buffer> {
    if (position < this.position) await this.rewind();
    for (; this.position < position; this.position++)
      await this.archive.skip(fileName(this.keyAt(this.position)));
    const content = await this.archive.read(fileName(this.keyAt(position)));
    this.position++;
    return content;
  }

  private async rewind(): Promise<void> {
    this.archive.close();
    this.archive = await Archive.open(this.store, this.key);
    await this.archive.skip(INDEX_NAME);
    this.position = 0;
  }

  private keyAt(position: number): string {
    const answer = this.index.answers[position];
    if (!answer) throw new RangeError(`${this.key} has no answer ${position}`);
    return answer.key;
  }
}

function readIndex(key: string, bytes: Buffer): SealedIndex {
  try {
    return decodeIndex(bytes);
  } catch (error) {
    throw new UnreadableObject(
      `${key} has no index of version 1: nothing was removed; keep the object, and put an undamaged copy in its place`,
      { cause: error },
    );
  }
}

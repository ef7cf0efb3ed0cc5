import { checkAnswer, type RawAnswer, UnreadableObject } from '../rawObject.js';
import type { Store } from '../store.js';
import { Archive } from './archive.js';
import { decodeIndex, type SealedIndex } from './sealedIndex.js';
import { fileName, INDEX_NAME } from './sealedObject.js';

/**
 * A streaming reader of a sealed object: first the index, then one answer at a time. Reading answers in the index's
 * order decompresses the object once. Reading an earlier answer restarts the decompression.
 */
export class SealedReader {
  private position = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly store: Store,
    readonly key: string,
    readonly index: SealedIndex,
    /** The encoded index, as stored. */
    readonly indexBytes: Buffer,
    private archive: Archive,
  ) {}

  /**
   * Open a sealed object and read its index.
   *
   * @throws ObjectNotFound when the object does not exist
   * @throws UnreadableObject when the object is damaged
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

  /** Read only the index of a sealed object, without decompressing the rest. Throws like {@link open}. */
  static async index(store: Store, key: string): Promise<SealedIndex> {
    const reader = await SealedReader.openPart(store, key, 'index');
    reader.close();
    return reader.index;
  }

  /**
   * Read the answer at a position of the index. Returns the line of metadata, followed by the body.
   *
   * @throws UnreadableObject when the object is damaged
   * @throws ObjectNotFound when the object must be read again from its start and was removed
   */
  content(position: number): Promise<Buffer> {
    const reading = this.turn.then(() => this.readAt(position));
    this.turn = reading.catch(() => undefined);
    return reading;
  }

  /** Read an answer like {@link content}, then split and check it. */
  async answer(position: number): Promise<RawAnswer> {
    return checkAnswer(this.keyAt(position), await this.content(position));
  }

  /**
   * Check that the archive ends after the answer that was read last.
   *
   * @throws UnreadableObject when the archive continues
   */
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
      `${key} has no valid index of version 1. Nothing was removed. Keep a copy of the object, and replace it by an undamaged copy`,
      { cause: error },
    );
  }
}

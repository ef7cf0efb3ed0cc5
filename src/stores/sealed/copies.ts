import type { Day } from '../../domain/day.js';
import {
  checkAnswer,
  getSingle,
  listSingles,
  RAW_FOLDERS,
  RAW_KINDS,
  type RawIdentity,
  type Single,
  UnreadableObject,
} from '../rawObject.js';
import type { Store } from '../store.js';
import type { Generation } from './generations.js';
import { compareAnswers } from './sealedIndex.js';
import { SealedReaders } from './sealedReaders.js';

/** Number of answers that are read in advance while the caller processes an answer. */
export const ANSWERS_AHEAD = 4;

/** Where an answer is stored: at a position of a sealed object, or as an object of its own (`generation` is null). */
export interface Copy {
  generation: string | null;
  position: number;
}

/** An answer with all its copies. */
export interface CopiedAnswer extends RawIdentity {
  key: string;
  copies: Copy[];
}

/** List the unsealed answers of a feed and day, of both kinds. */
export async function listDaySingles(store: Store, feed: string, day: Day): Promise<Single[]> {
  const singles: Single[] = [];
  for (const kind of RAW_KINDS)
    for await (const single of listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/`))
      singles.push(single);
  return singles;
}

/**
 * Merge unsealed and sealed answers into one list without duplicates, sorted by {@link compareAnswers}. The field
 * `copies` of an answer lists every place where the answer is stored: one sealed object or several, or an unsealed
 * object.
 */
export function gatherCopies(singles: readonly Single[], generations: readonly Generation[]): CopiedAnswer[] {
  const answers = new Map<string, CopiedAnswer>();
  const add = (answer: RawIdentity & { key: string }, copy: Copy): void => {
    const known = answers.get(answer.key) ?? { ...answer, copies: [] };
    known.copies.push(copy);
    answers.set(answer.key, known);
  };
  for (const { key, index } of generations)
    for (const [position, answer] of index.answers.entries()) add(answer, { generation: key, position });
  for (const single of singles) add(single, { generation: null, position: 0 });
  return [...answers.values()].sort(compareAnswers);
}

/** A reader for copies of answers. Reading is fastest when the caller reads in the order of {@link gatherCopies}. */
export class CopyReader {
  private readonly readers: SealedReaders;

  constructor(private readonly store: Store) {
    this.readers = new SealedReaders(store);
  }

  /**
   * Read a copy of an answer, and check the copy against its key. Returns the line of metadata, followed by the body.
   *
   * @throws ObjectNotFound when the copy was removed
   * @throws UnreadableObject when the copy is damaged
   */
  async read(key: string, { generation, position }: Copy): Promise<Buffer> {
    const content =
      generation === null
        ? await getSingle(this.store, key)
        : await (await this.readers.get(generation)).content(position);
    checkAnswer(key, content);
    return content;
  }

  close(): Promise<void> {
    return this.readers.close();
  }
}

/** Return whether the error means that an unsealed answer can't be read. Sealing does not change such an object. */
export function isUnreadableSingle(error: unknown, copy: Copy): boolean {
  return error instanceof UnreadableObject && copy.generation === null;
}

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

/** Answers that are read ahead of the one that is worked on. */
export const ANSWERS_AHEAD = 4;

/** Where an answer is stored: a position of a sealed object, or, as null says, an object of its own. */
export interface Copy {
  generation: string | null;
  position: number;
}

/** An answer with everything that stores it. */
export interface CopiedAnswer extends RawIdentity {
  key: string;
  copies: Copy[];
}

/** A feed's answers of a day that are objects of their own, of both kinds. */
export async function listDaySingles(store: Store, feed: string, day: Day): Promise<Single[]> {
  const singles: Single[] = [];
  for (const kind of RAW_KINDS)
    for await (const single of listSingles(store, `${RAW_FOLDERS[kind]}/${feed}/${day}/`))
      singles.push(single);
  return singles;
}

/** Single answers and sealed ones together, in the order of a sealed object's index. */
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

/** Goes along copies of answers, in the order of {@link gatherCopies}. */
export class CopyReader {
  private readonly readers: SealedReaders;

  constructor(private readonly store: Store) {
    this.readers = new SealedReaders(store);
  }

  /**
   * The line of metadata and the body of an answer, as one of its copies has them, checked. Throws ObjectNotFound where that has
   * vanished, and {@link UnreadableObject}.
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

/** Whether the error says that an object of its own can't be read: it is left as it is. */
export function isUnreadableSingle(error: unknown, copy: Copy): boolean {
  return error instanceof UnreadableObject && copy.generation === null;
}

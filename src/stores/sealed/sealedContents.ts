import type { Day } from '../../domain/day.js';
import type { Store } from '../store.js';
import { readGenerations } from './generations.js';
import { encodeOutcome, type SealedIndex } from './sealedIndex.js';

/** The sealed content of a feed and day: keys of answers, and outcomes in the encoding of the index. */
interface Contents {
  keys: ReadonlySet<string>;
  outcomes: ReadonlySet<string>;
}

/** Number of days of feeds in the cache: about 20 MB at 144 answers each. */
const REMEMBERED = 500;

/**
 * A cache that tells which answers and outcomes are sealed, for callers that ask for thousands of them one by one.
 * Reads each feed's day once. Anything that is sealed after that counts as not sealed.
 */
export class SealedContents {
  private readonly known = new Map<string, Promise<Contents>>();

  constructor(private readonly store: Store) {}

  /** Return the sealed content of a feed and day. */
  async of(feed: string, day: Day): Promise<Contents> {
    const name = `${feed} ${day}`;
    const contents = this.known.get(name) ?? this.read(feed, day);
    this.known.delete(name); // moves the entry to the end: most recently used
    this.known.set(name, contents);
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED && oldest !== undefined) this.known.delete(oldest);
    return contents;
  }

  /** Return whether all answers and outcomes of an index are sealed in this store. */
  async hasAllOf({ feed, day, answers, outcomes }: SealedIndex): Promise<boolean> {
    const sealed = await this.of(feed, day);
    return (
      answers.every(({ key }) => sealed.keys.has(key)) &&
      outcomes.every((outcome) => sealed.outcomes.has(encodeOutcome(outcome)))
    );
  }

  private async read(feed: string, day: Day): Promise<Contents> {
    const indexes = (await readGenerations(this.store, feed, day)).map(({ index }) => index);
    return {
      keys: new Set(indexes.flatMap(({ answers }) => answers.map(({ key }) => key))),
      outcomes: new Set(indexes.flatMap(({ outcomes }) => outcomes.map(encodeOutcome))),
    };
  }
}

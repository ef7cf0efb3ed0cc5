import type { Day } from '../../domain/day.js';
import type { Store } from '../store.js';
import { readGenerations } from './generations.js';
import { encodeOutcome, type SealedIndex } from './sealedIndex.js';

/** What is sealed of a feed's day: the keys of its answers, and its outcomes as their index has them. */
interface Contents {
  keys: ReadonlySet<string>;
  outcomes: ReadonlySet<string>;
}

/** Feeds' days that are remembered: at 144 answers each, some 20 MB. */
const REMEMBERED = 500;

/**
 * Says what is sealed already, to whoever asks for thousands of answers one by one: a feed's day is looked up once, and
 * remembered as long as the questions stay near it. What is sealed after it was looked up counts as not sealed.
 */
export class SealedContents {
  private readonly known = new Map<string, Promise<Contents>>();

  constructor(private readonly store: Store) {}

  /** What is sealed of a feed's day. */
  async of(feed: string, day: Day): Promise<Contents> {
    const name = `${feed} ${day}`;
    const contents = this.known.get(name) ?? this.read(feed, day);
    this.known.delete(name); // what was asked for last stands last
    this.known.set(name, contents);
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED && oldest !== undefined) this.known.delete(oldest);
    return contents;
  }

  /** Whether all that an index says is sealed here too. */
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

import { csvLine, type CsvValue } from '../domain/csv.js';

/** Consecutive polls of one feed and day. `firstPoll` and `lastPoll` are poll numbers, both included. */
export interface Span {
  firstPoll: number;
  lastPoll: number;
  polls: number;
}

/** Consecutive polls in which an entity had equal content. */
export interface ContentSpan extends Span {
  /** Content as the last values of a CSV line. */
  text: string;
}

/** Consecutive polls in which an entity had equal statuses. */
export interface StatusSpan extends Span {
  status: string;
  /** State that the parking sensor reports; null without a sensor. */
  sensor: string | null;
}

/** A station, charging point or connector on one day. */
export class Track {
  readonly contentSpans: ContentSpan[] = [];
  /** Observations of the entity; none for a station. */
  readonly statusSpans: StatusSpan[] = [];
  private content: object | null = null;

  constructor(readonly id: string | number) {}

  /** Return whether the poll has shown this entity already. */
  seenIn(poll: number): boolean {
    return this.contentSpans.at(-1)?.lastPoll === poll;
  }

  /** Return whether this entity has an observation in the poll already. */
  isObservedIn(poll: number): boolean {
    return this.statusSpans.at(-1)?.lastPoll === poll;
  }

  /**
   * Extend the current content span, or begin a new span when the content differs or a poll in between lacked the
   * entity. Every gap splits a span, because whether that poll was complete is known only when the days before are
   * known.
   */
  see(poll: number, content: object, columns: readonly string[]): void {
    const span = this.contentSpans.at(-1);
    const follows = span?.lastPoll === poll - 1;
    if (span && follows && this.content === content) {
      extend(span, poll);
      return;
    }
    const text = contentText(content, columns);
    this.content = content;
    if (span && follows && span.text === text) extend(span, poll);
    else this.contentSpans.push({ firstPoll: poll, lastPoll: poll, polls: 1, text });
  }

  /**
   * Extend the current status span, or begin a new span when a status differs or a poll in between lacked the entity.
   */
  observe(poll: number, status: string, sensor: string | null): void {
    const span = this.statusSpans.at(-1);
    if (span && span.lastPoll === poll - 1 && span.status === status && span.sensor === sensor)
      extend(span, poll);
    else this.statusSpans.push({ firstPoll: poll, lastPoll: poll, polls: 1, status, sensor });
  }
}

function extend(span: Span, poll: number): void {
  span.lastPoll = poll;
  span.polls++;
}

function contentText(content: object, columns: readonly string[]): string {
  const values = content as Record<string, CsvValue>;
  return csvLine(columns.map((column) => values[column] ?? null));
}

/** Tracks of one kind of entity by id, in the order in which the entities were first seen. */
export class Tracks {
  private readonly byId = new Map<string | number, Track>();

  of(id: string | number): Track {
    let track = this.byId.get(id);
    if (!track) this.byId.set(id, (track = new Track(id)));
    return track;
  }

  [Symbol.iterator](): IterableIterator<Track> {
    return this.byId.values();
  }
}

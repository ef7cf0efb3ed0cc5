import { csvLine, type CsvValue } from '../domain/csv.js';

/** Consecutive polls of one feed and day. Poll numbers, both included. */
export interface Span {
  firstPoll: number;
  lastPoll: number;
  polls: number;
}

/** Consecutive polls in which an entity was seen with equal content. */
export interface ContentSpan extends Span {
  /** The content as the tail of a CSV line. */
  text: string;
}

/** Consecutive polls in which an entity was observed to have equal statuses. */
export interface StatusSpan extends Span {
  status: string;
  /** What the parking sensor says; null where there is none. */
  sensor: string | null;
}

/** One station, charging point or connector over the day. */
export class Track {
  readonly contentSpans: ContentSpan[] = [];
  /** Its observations. Stations have none. */
  readonly statusSpans: StatusSpan[] = [];
  private content: object | null = null;

  constructor(readonly id: string | number) {}

  /** Whether the poll showed this entity already. */
  seenIn(poll: number): boolean {
    return this.contentSpans.at(-1)?.lastPoll === poll;
  }

  /** Whether the poll made an observation of this entity already. */
  isObservedIn(poll: number): boolean {
    return this.statusSpans.at(-1)?.lastPoll === poll;
  }

  /**
   * Extends the current content span, or begins one where the content differs or a poll in between lacked the
   * entity. (Whether that poll was complete is known only when the days before are; so every gap splits.)
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

  /** Extends the current status span, or begins one where they differ or a poll in between lacked the entity. */
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

/** The tracks of one kind of entity, by id, in the order in which they were first seen. */
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

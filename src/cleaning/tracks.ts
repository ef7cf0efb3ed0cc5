import { csvLine, type CsvValue } from '../domain/csv.js';

/** A stretch of consecutive polls. Poll numbers, both included. */
export interface Stretch {
  firstPoll: number;
  lastPoll: number;
  polls: number;
}

/** A stretch in which an entity was seen with equal content. */
export interface Run extends Stretch {
  /** The content as the tail of a CSV line. */
  text: string;
}

/** A stretch in which an entity was observed to have equal statuses. */
export interface StatusRun extends Stretch {
  status: string;
  /** What the parking sensor says; null where there is none. */
  sensor: string | null;
}

/** One station, charging point or connector over the day. */
export class Track {
  readonly runs: Run[] = [];
  /** Its observations. Stations have none. */
  readonly statusRuns: StatusRun[] = [];
  private content: object | null = null;

  constructor(readonly id: string | number) {}

  /** Whether the poll showed this entity already. */
  seenIn(poll: number): boolean {
    return this.runs.at(-1)?.lastPoll === poll;
  }

  /** Whether the poll made an observation of this entity already. */
  isObservedIn(poll: number): boolean {
    return this.statusRuns.at(-1)?.lastPoll === poll;
  }

  /**
   * Extends the current run, or begins one where the content differs or a poll in between lacked the
   * entity. (Whether that poll was complete is known only when the days before are; so every gap splits.)
   */
  see(poll: number, content: object, columns: readonly string[]): void {
    const run = this.runs.at(-1);
    const follows = run?.lastPoll === poll - 1;
    if (run && follows && this.content === content) {
      extend(run, poll);
      return;
    }
    const text = contentText(content, columns);
    this.content = content;
    if (run && follows && run.text === text) extend(run, poll);
    else this.runs.push({ firstPoll: poll, lastPoll: poll, polls: 1, text });
  }

  /** Extends the current run of statuses, or begins one where they differ or a poll in between lacked the entity. */
  observe(poll: number, status: string, sensor: string | null): void {
    const run = this.statusRuns.at(-1);
    if (run && run.lastPoll === poll - 1 && run.status === status && run.sensor === sensor) extend(run, poll);
    else this.statusRuns.push({ firstPoll: poll, lastPoll: poll, polls: 1, status, sensor });
  }
}

function extend(stretch: Stretch, poll: number): void {
  stretch.lastPoll = poll;
  stretch.polls++;
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

import { csvLine, type CsvValue } from './csv.js';

/** A stretch of consecutive polls in which an entity was seen with equal content. Poll numbers, both included. */
export interface Run {
  firstPoll: number;
  lastPoll: number;
  polls: number;
  /** The content as the tail of a CSV line. */
  text: string;
}

/** One station, charging point or connector over the day. */
export class Track {
  readonly runs: Run[] = [];
  /** Its observations: poll numbers and, at the same index, statuses. Stations have none. */
  readonly observedIn: number[] = [];
  readonly statuses: string[] = [];
  /** Parking sensor readings at the same index; empty until there is one that is not null. */
  readonly sensors: (string | null)[] = [];
  private content: object | null = null;

  constructor(readonly id: string | number) {}

  /** Whether the poll showed this entity already. */
  seenIn(poll: number): boolean {
    return this.runs.at(-1)?.lastPoll === poll;
  }

  /** Whether the poll made an observation of this entity already. */
  isObservedIn(poll: number): boolean {
    return this.observedIn.at(-1) === poll;
  }

  /**
   * Extends the current run, or begins one where the content differs or a poll in between lacked the
   * entity. (Whether that poll was complete is known only when the days before are; so every gap splits.)
   */
  see(poll: number, content: object, columns: readonly string[]): void {
    const run = this.runs.at(-1);
    const follows = run?.lastPoll === poll - 1;
    if (run && follows && this.content === content) {
      run.lastPoll = poll;
      run.polls++;
      return;
    }
    const text = contentText(content, columns);
    this.content = content;
    if (run && follows && run.text === text) {
      run.lastPoll = poll;
      run.polls++;
    } else {
      this.runs.push({ firstPoll: poll, lastPoll: poll, polls: 1, text });
    }
  }

  observe(poll: number, status: string, sensor: string | null): void {
    const index = this.observedIn.push(poll) - 1;
    this.statuses.push(status);
    if (sensor !== null) this.sensors[index] = sensor;
  }
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

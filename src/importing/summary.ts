import type { Day } from '../domain/day.js';

/** Result of an import. */
export interface ImportSummary {
  /** Number of files that were read, completely or partly. */
  files: number;
  /** Number of bodies that are new in the raw store. */
  stored: number;
  /** Number of bodies that the raw store had already. */
  alreadyThere: number;
  /** Number of rejected answers among all these bodies, by reason. */
  wrongAnswers: Record<string, number>;
  /** Days and feeds of the bodies, sorted. */
  days: Day[];
  feeds: string[];
  /** Files that were not read, or not to their end, sorted by path. */
  failed: FailedFile[];
}

/** A file that was not read, or not to its end, and why. */
export interface FailedFile {
  file: string;
  reason: string;
}

/** A body that is in the raw store now. */
export interface ImportedBody {
  feed: string;
  day: Day;
  isNew: boolean;
  /** Why the body is rejected; null when it is accepted. */
  reason: string | null;
}

/** Counters of an import whose files are imported concurrently. */
export class Tally {
  files = 0;
  private stored = 0;
  private alreadyThere = 0;
  private readonly wrongAnswers = new Map<string, number>();
  private readonly days = new Set<Day>();
  private readonly feeds = new Set<string>();
  private readonly failed: FailedFile[] = [];

  add({ feed, day, isNew, reason }: ImportedBody): void {
    if (isNew) this.stored++;
    else this.alreadyThere++;
    if (reason !== null) this.wrongAnswers.set(reason, (this.wrongAnswers.get(reason) ?? 0) + 1);
    this.days.add(day);
    this.feeds.add(feed);
  }

  fail(file: string, reason: string): void {
    this.failed.push({ file, reason });
  }

  get bodies(): number {
    return this.stored + this.alreadyThere;
  }

  summary(): ImportSummary {
    return {
      files: this.files,
      stored: this.stored,
      alreadyThere: this.alreadyThere,
      wrongAnswers: Object.fromEntries([...this.wrongAnswers].sort()),
      days: [...this.days].sort(),
      feeds: [...this.feeds].sort(),
      failed: this.failed.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    };
  }
}

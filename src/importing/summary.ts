import type { Day } from '../domain/day.js';

/** What an import did. */
export interface ImportSummary {
  /** Files that were read, whole or in part. */
  files: number;
  /** Bodies that are new in the raw store. */
  stored: number;
  /** Bodies that the raw store had already. */
  alreadyThere: number;
  /** Of all these bodies, how many are wrong answers and kept apart, by reason. */
  wrongAnswers: Record<string, number>;
  /** Days and feeds that the bodies are of, sorted. */
  days: Day[];
  feeds: string[];
  /** What was not read, or not to its end, sorted by path. */
  failed: FailedFile[];
}

export interface FailedFile {
  file: string;
  reason: string;
}

/** A body that is in the raw store now. */
export interface ImportedBody {
  feed: string;
  day: Day;
  isNew: boolean;
  /** Why it is a wrong answer; null for a good one. */
  reason: string | null;
}

/** Counts while files are imported side by side. */
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

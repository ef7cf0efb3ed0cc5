import type { Day } from '../../domain/day.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import { describeDays } from '../context/days.js';
import { describeDuration } from '../../domain/duration.js';

/** Progress of loading a list of days. */
export class DayLoads {
  private readonly loaded = new Map<Day, LoadDayResult>();
  private readonly failed = new Map<Day, string>();
  private readonly begun = new Set<Day>();
  private facts = 0;
  private sinceMs: number | null = null;

  /** @param days days to load, in order */
  constructor(private readonly days: readonly Day[]) {}

  begin(day: Day): void {
    this.sinceMs ??= performance.now();
    this.begun.add(day);
  }

  succeed(day: Day, result: LoadDayResult): void {
    this.loaded.set(day, result);
    this.facts += result.chargingPointFacts + result.connectorFacts;
  }

  fail(day: Day, reason: string): void {
    this.failed.set(day, reason);
  }

  /** Results of the days that were loaded, in the order of the days. */
  get results(): LoadDayResult[] {
    return this.days.flatMap((day) => this.loaded.get(day) ?? []);
  }

  /** Days that are neither loaded nor failed, in order. They include the days under way. */
  get remaining(): Day[] {
    return this.days.filter((day) => !this.loaded.has(day) && !this.failed.has(day));
  }

  get underWay(): Day[] {
    return this.remaining.filter((day) => this.begun.has(day));
  }

  /** @example '12 of 365 days loaded, 9,053,000 facts; 2022-01-13 and 2 more under way; 3 min, 20 sec, about 1 hr, 38 min left' */
  describeProgress(): string {
    const { loaded, failed, days, facts, underWay, remaining } = this;
    const failures = failed.size === 0 ? '' : `, ${failed.size} failed`;
    const counts = `${loaded.size} of ${days.length} days loaded${failures}, ${facts.toLocaleString('en')} facts`;
    const more = underWay.length > 1 ? ` and ${underWay.length - 1} more` : '';
    const current = underWay.length === 0 ? '' : `; ${underWay[0] ?? ''}${more} under way`;
    if (this.sinceMs === null) return counts;
    const elapsedMs = performance.now() - this.sinceMs;
    const ended = days.length - remaining.length;
    const left =
      ended === 0 ? '' : `, about ${describeDuration((elapsedMs / ended) * remaining.length)} left`;
    return `${counts}${current}; ${describeDuration(elapsedMs)}${left}`;
  }

  /** @example '12 of 365 days are loaded: 2022-01-01 to 2022-01-12' */
  describeLoaded(): string {
    const { loaded, days } = this;
    const count = `${loaded.size} of ${days.length} days are loaded`;
    return loaded.size === 0 ? count : `${count}: ${describeDays(days.filter((day) => loaded.has(day)))}`;
  }

  /** Return a line for each reason, with the days that failed for that reason. */
  describeFailures(): string[] {
    const ofReason = new Map<string, Day[]>();
    for (const day of this.days) {
      const reason = this.failed.get(day);
      if (reason !== undefined) ofReason.set(reason, [...(ofReason.get(reason) ?? []), day]);
    }
    return [...ofReason].map(
      ([reason, days]) => `${describeDays(days)} ${days.length === 1 ? 'was' : 'were'} not loaded: ${reason}`,
    );
  }
}

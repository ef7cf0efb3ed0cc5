/** What was wrong with a value, or with a part of it. */
export interface ValueIssue {
  /** A word such as `not_a_number`. */
  reason: string;
  /** Path of the part below the value, such as `[2]`; empty for the value itself. */
  at: string;
  /** The value or part as the feed wrote it. */
  raw: unknown;
}

/**
 * A feed's value in the project's own form. null where the feed says nothing or nothing that can be
 * read; in the second case, and where the value was changed by more than its spelling, there is an issue.
 */
export interface Normalised<T> {
  value: T | null;
  issues: readonly ValueIssue[];
}

const NO_ISSUES: readonly ValueIssue[] = [];

/** The feed says nothing: no value, and nothing wrong with that. */
export const ABSENT: Normalised<never> = { value: null, issues: NO_ISSUES };

/** A value in good order. */
export function accepted<T>(value: T): Normalised<T> {
  return { value, issues: NO_ISSUES };
}

/** A value that can't be read. */
export function refused(reason: string, raw: unknown): Normalised<never> {
  return { value: null, issues: [{ reason, at: '', raw }] };
}

/** A value that is kept, with what is to be said about it. */
export function flagged<T>(value: T | null, issues: readonly ValueIssue[]): Normalised<T> {
  return { value, issues: issues.length > 0 ? issues : NO_ISSUES };
}

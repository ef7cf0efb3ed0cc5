/** A problem of a value, or of a part of it. */
export interface ValueIssue {
  /** A word such as `not_a_number`. */
  reason: string;
  /** Path of the part below the value, such as `[2]`; empty for the value itself. */
  at: string;
  /** The value or part as the feed wrote it. */
  raw: unknown;
}

/**
 * A feed's value in the project's normal form; null when the feed gives no value, or an unreadable one. There is an
 * issue when the value is unreadable, or when more than its spelling was changed.
 */
export interface Normalised<T> {
  value: T | null;
  issues: readonly ValueIssue[];
}

const NO_ISSUES: readonly ValueIssue[] = [];

/** The feed gives no value, which is no issue. */
export const ABSENT: Normalised<never> = { value: null, issues: NO_ISSUES };

/** Return a value without issues. */
export function accepted<T>(value: T): Normalised<T> {
  return { value, issues: NO_ISSUES };
}

/** Return the result for an unreadable value. */
export function refused(reason: string, raw: unknown): Normalised<never> {
  return { value: null, issues: [{ reason, at: '', raw }] };
}

/** Return a value with its issues. */
export function flagged<T>(value: T | null, issues: readonly ValueIssue[]): Normalised<T> {
  return { value, issues: issues.length > 0 ? issues : NO_ISSUES };
}

/** What a warehouse holds. */
export interface LoadedState {
  /** The latest day that is loaded; null where none is. */
  day: string | null;
  /** That day's latest revision, and when it was published, ISO. */
  revision: number | null;
  publishedAt: string | null;
  /** How many days are loaded. */
  days: number;
  /** The latest answer's time, ISO. */
  latestQueryTime: string | null;
  /** The last days that are loaded as a whole, at most {@link RECENT_DAYS}, the latest first. */
  wholeDays: string[];
  /** It stores facts in the form of an earlier version: loads wait until it is rebuilt. */
  awaitsRebuild: boolean;
}

export const RECENT_DAYS = 14;
/** What a warehouse holds that has no tables yet. */
export const NOTHING_LOADED: LoadedState = {
  day: null,
  revision: null,
  publishedAt: null,
  days: 0,
  latestQueryTime: null,
  wholeDays: [],
  awaitsRebuild: false,
};

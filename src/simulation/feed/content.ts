/** What is asked of a content: one answer of one feed. */
export interface ContentRequest {
  feed: string;
  /** How many good answers the feed gave before. */
  count: number;
  /** The instant whose statuses are asked for, milliseconds since the epoch. */
  statusMs: number;
  /** The instant that the envelope's timestamp is to say. */
  answeredMs: number;
}

/** Where the simulated feed's answers come from. */
export interface FeedContent {
  /** The feeds that it can answer for. */
  readonly feeds: readonly string[];
  /** The body of an answer; null where the recording has none for that feed and count. */
  answer(request: ContentRequest): Promise<string | null>;
}

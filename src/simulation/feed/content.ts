/** A request to a content for one answer of one feed. */
export interface ContentRequest {
  feed: string;
  /** Number of good answers that the feed gave before. */
  count: number;
  /** The instant of the statuses, in milliseconds since the epoch. */
  statusMs: number;
  /** The instant of the envelope's timestamp, in milliseconds since the epoch. */
  answeredMs: number;
}

/** A source of the simulated feed's answers. */
export interface FeedContent {
  /** The feeds that this content has answers for. */
  readonly feeds: readonly string[];
  /** Return the body of an answer; null if the recording has none for this feed and count. */
  answer(request: ContentRequest): Promise<string | null>;
}

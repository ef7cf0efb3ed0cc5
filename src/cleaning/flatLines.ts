import type { FlatFile } from '../domain/flatFiles.js';
import { type CsvValue, csvField, csvLine, timestamp } from '../domain/csv.js';
import { parseRawKey } from '../stores/rawObject.js';
import type { FeedDay } from './feedDay.js';
import type { Span, Track, Tracks } from './tracks.js';

/**
 * Generate the lines of one flat file of a feed's day, without the header. The values are in the order of the columns
 * in `FLAT_FILES`.
 */
export function flatLines(file: FlatFile, day: FeedDay): Iterable<string> {
  switch (file) {
    case 'charging_point_status_span':
      return pointStatuses(day);
    case 'connector_status_span':
      return connectorStatuses(day);
    case 'charging_station_content_span':
      return contentSpans(day, day.stations);
    case 'charging_point_content_span':
      return contentSpans(day, day.points);
    case 'connector_content_span':
      return contentSpans(day, day.connectors);
    case 'poll':
      return polls(day);
    case 'quarantine':
      return lines(day.findings.quarantineRows(day.feed));
    case 'field_issue':
      return lines(day.findings.issueRows(day.feed));
  }
}

/**
 * Generate the status spans of charging points, sorted by entity, then slot. The facts made from them have the same
 * order. Therefore a charging point's day occupies a few adjacent pages of the warehouse.
 */
function* pointStatuses(day: FeedDay): Iterable<string> {
  for (const track of day.points)
    for (const span of track.statusSpans)
      yield `${spanFields(day, track, span)},${csvField(span.status)},${csvField(span.sensor)}\n`;
}

function* connectorStatuses(day: FeedDay): Iterable<string> {
  for (const track of day.connectors)
    for (const span of track.statusSpans) yield `${spanFields(day, track, span)},${csvField(span.status)}\n`;
}

function* contentSpans(day: FeedDay, tracks: Tracks): Iterable<string> {
  for (const track of tracks)
    for (const span of track.contentSpans) yield `${spanFields(day, track, span)},${span.text}`;
}

/** Format the first values of a span's line: the entity's id, then `SPAN_COLUMNS`. */
function spanFields({ feed, polls }: FeedDay, { id }: Track, { firstPoll, lastPoll, ...span }: Span): string {
  const first = timestamp(polls[firstPoll]?.slot ?? NaN);
  const last = timestamp(polls[lastPoll]?.slot ?? NaN);
  return `${csvField(id)},${csvField(feed)},${first},${last},${span.polls}`;
}

function* polls(day: FeedDay): Iterable<string> {
  for (const poll of day.polls) {
    yield csvLine([
      day.feed,
      timestamp(poll.slot),
      timestamp(poll.receivedMs),
      timestamp(poll.queryMs),
      digestOf(poll.key),
      poll.stations,
      poll.points,
      poll.connectors,
      poll.pointFacts,
      poll.connectorFacts,
      poll.quarantined,
      poll.unidentified,
      poll.fault,
    ]);
  }
}

/** Return the digest in a poll's raw key: the only component of the key that is in no other column of the poll. */
function digestOf(key: string): string {
  const identity = parseRawKey(key);
  if (identity === null) throw new RangeError(`${key} is no key of the raw store`);
  return identity.digest;
}

function* lines(rows: Iterable<CsvValue[]>): Iterable<string> {
  for (const row of rows) yield csvLine(row);
}

import type { FlatFile } from '../domain/flatFiles.js';
import { type CsvValue, csvField, csvLine, timestamp } from '../domain/csv.js';
import { parseRawKey } from '../stores/rawObject.js';
import type { FeedDay } from './feedDay.js';
import type { Span, Track, Tracks } from './tracks.js';

/** The lines of one flat file of a feed's day, in the order of `FLAT_FILES`' columns, without the header. */
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
 * Statuses stand by entity, then slot, and the facts that are made of them too: a charging point's day is then a few
 * neighbouring pages of the warehouse.
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

/** An entity, and `SPAN_COLUMNS`. */
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
    ]);
  }
}

/** The part of a poll's key that its other columns do not tell. */
function digestOf(key: string): string {
  const identity = parseRawKey(key);
  if (identity === null) throw new RangeError(`${key} is no key of the raw store`);
  return identity.digest;
}

function* lines(rows: Iterable<CsvValue[]>): Iterable<string> {
  for (const row of rows) yield csvLine(row);
}

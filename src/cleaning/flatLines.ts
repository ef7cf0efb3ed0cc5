import type { FlatFile } from '../domain/flatFiles.js';
import { type CsvValue, csvField, csvLine, timestamp } from './csv.js';
import type { FeedDay } from './feedDay.js';
import type { Track, Tracks } from './tracks.js';

/** The lines of one flat file of a feed's day, in the order of `FLAT_FILES`' columns, without the header. */
export function flatLines(file: FlatFile, day: FeedDay): Iterable<string> {
  switch (file) {
    case 'status_chargingpoints':
      return pointFacts(day);
    case 'status_connectors':
      return connectorFacts(day);
    case 'charging_station_run':
      return runs(day, day.stations);
    case 'charging_point_run':
      return runs(day, day.points);
    case 'connector_run':
      return runs(day, day.connectors);
    case 'poll':
      return polls(day);
    case 'quarantine':
      return lines(day.findings.quarantineRows(day.feed));
    case 'field_issue':
      return lines(day.findings.issueRows(day.feed));
  }
}

/**
 * Facts stand by entity, then slot: a charging point's day is then a few neighbouring pages of the
 * warehouse, and a fraction of the bytes when compressed.
 */
function* pointFacts(day: FeedDay): Iterable<string> {
  const times = day.polls.map(factTimes);
  for (const track of day.points) {
    const id = csvField(track.id);
    for (let i = 0; i < track.observedIn.length; i++) {
      yield `${id},${times[track.observedIn[i] as number]},${csvField(track.statuses[i] as string)},${csvField(track.sensors[i] ?? null)}\n`;
    }
  }
}

function* connectorFacts(day: FeedDay): Iterable<string> {
  const times = day.polls.map(factTimes);
  for (const track of day.connectors) {
    const id = csvField(track.id);
    for (let i = 0; i < track.observedIn.length; i++) {
      yield `${id},${times[track.observedIn[i] as number]},${csvField(track.statuses[i] as string)}\n`;
    }
  }
}

function factTimes({ slot, queryMs }: { slot: number; queryMs: number }): string {
  return `${timestamp(slot)},${timestamp(queryMs)}`;
}

function* runs(day: FeedDay, tracks: Tracks): Iterable<string> {
  for (const track of tracks) yield* runsOf(day, track);
}

function* runsOf(day: FeedDay, track: Track): Iterable<string> {
  for (const run of track.runs) {
    const first = timestamp(day.polls[run.firstPoll]?.slot ?? NaN);
    const last = timestamp(day.polls[run.lastPoll]?.slot ?? NaN);
    yield `${csvField(track.id)},${csvField(day.feed)},${first},${last},${run.polls},${run.text}`;
  }
}

function* polls(day: FeedDay): Iterable<string> {
  for (const poll of day.polls) {
    yield csvLine([
      day.feed,
      timestamp(poll.slot),
      timestamp(poll.receivedMs),
      timestamp(poll.queryMs),
      poll.key,
      poll.stations,
      poll.points,
      poll.connectors,
      poll.pointFacts,
      poll.connectorFacts,
      poll.quarantined,
    ]);
  }
}

function* lines(rows: Iterable<CsvValue[]>): Iterable<string> {
  for (const row of rows) yield csvLine(row);
}

import { describe, expect, it } from 'vitest';
import { equalExcept } from '../../../src/cleaning/equal.js';
import type { StationReading } from '../../../src/domain/observation.js';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { DEFAULT_FEEDS } from '../../../src/sources/chargecloud/feeds.js';
import { countBy } from '../counts.js';
import {
  ABSENT_HINT,
  FIRST_POLL,
  RECORDED_FEEDS_ARE_ABSENT,
  recordedPoll,
  SECOND_POLL,
} from '../recordedFeeds.js';

interface ReadPoll {
  feeds: string[];
  timestamps: Set<number | null>;
  raw: Map<number, unknown>;
  readings: Map<number, StationReading>;
}

function readPoll(file: string): ReadPoll {
  const poll: ReadPoll = { feeds: [], timestamps: new Set(), raw: new Map(), readings: new Map() };
  for (const [feed, answer] of Object.entries(recordedPoll(file))) {
    const envelope = chargecloud.readEnvelope(answer);
    poll.feeds.push(feed);
    poll.timestamps.add(envelope.timestampMs);
    envelope.stations.forEach((station, index) => {
      const reading = chargecloud.readStation(station, `${envelope.path}[${index}]`);
      poll.raw.set(reading.id_cs ?? NaN, station);
      poll.readings.set(reading.id_cs ?? NaN, reading);
    });
  }
  return poll;
}

const pointsOf = (poll: ReadPoll) => [...poll.readings.values()].flatMap((reading) => reading.points);
const connectorsOf = (poll: ReadPoll) => pointsOf(poll).flatMap((point) => point.connectors);

/** All master data, by key. */
function contents(readings: Iterable<StationReading>): Map<string, unknown> {
  const byKey = new Map<string, unknown>();
  for (const reading of readings) {
    byKey.set(`station ${reading.id_cs}`, reading.content);
    for (const point of reading.points) {
      byKey.set(`point ${point.id_cp}`, point.content);
      for (const connector of point.connectors)
        byKey.set(`connector ${connector.id_connector}`, connector.content);
    }
  }
  return byKey;
}

function changes(before: Map<string, string | null>, after: Map<string, string | null>): string[] {
  return [...after]
    .filter(([key, status]) => before.get(key) !== status)
    .map(([key, status]) => `${before.get(key)}→${status}`);
}

describe.skipIf(RECORDED_FEEDS_ARE_ABSENT)(`the recorded polls of 2022-01-11${ABSENT_HINT}`, () => {
  const first = RECORDED_FEEDS_ARE_ABSENT ? null : readPoll(FIRST_POLL);
  const second = RECORDED_FEEDS_ARE_ABSENT ? null : readPoll(SECOND_POLL);
  const polls = () => {
    if (!first || !second) throw new Error('the recorded polls are absent');
    return { first, second };
  };

  it('are of the 38 feeds that are collected by default', () => {
    expect(polls().first.feeds.sort()).toEqual([...DEFAULT_FEEDS].sort());
    expect(polls().second.feeds.sort()).toEqual([...DEFAULT_FEEDS].sort());
  });

  it('give every station, charging point and connector, without quarantine or field issue', () => {
    for (const poll of Object.values(polls())) {
      const readings = [...poll.readings.values()];
      expect(readings).toHaveLength(1162);
      expect(pointsOf(poll)).toHaveLength(2428);
      expect(connectorsOf(poll)).toHaveLength(2811);
      expect(readings.reduce((sum, reading) => sum + reading.pointsRead, 0)).toBe(2428);
      expect(readings.reduce((sum, reading) => sum + reading.connectorsRead, 0)).toBe(2811);
      expect(readings.flatMap((reading) => reading.quarantined)).toEqual([]);
      expect(readings.flatMap((reading) => reading.fieldIssues)).toEqual([]);
    }
  });

  it('have 12 and 13 distinct timestamps', () => {
    const { first, second } = polls();
    expect([first.timestamps.size, second.timestamps.size]).toEqual([12, 13]);
    expect([...first.timestamps]).toContain(Date.UTC(2022, 0, 11, 20, 58, 25));
  });

  it('have the known counts of statuses at 21:58', () => {
    const { first } = polls();
    expect(countBy(pointsOf(first), (point) => point.status)).toEqual({
      AVAILABLE: 1896,
      CHARGING: 424,
      UNKNOWN: 63,
      RESERVED: 13,
      BLOCKED: 13,
      OUTOFORDER: 12,
      INOPERATIVE: 7,
    });
    expect(countBy(connectorsOf(first), (connector) => connector.status)).toEqual({
      AVAILABLE: 2172,
      CHARGING: 515,
      UNKNOWN: 70,
      RESERVED: 15,
      BLOCKED: 19,
      OUTOFORDER: 13,
      INOPERATIVE: 7,
    });
    expect(countBy(pointsOf(first), (point) => point.parkingsensor)).toEqual({
      null: 2428 - 89,
      AVAILABLE: 70,
      OCCUPIED: 19,
    });
  });

  it('differ in the known changes of status', () => {
    const { first, second } = polls();
    const points = (poll: ReadPoll) => new Map(pointsOf(poll).map((point) => [point.id_cp, point.status]));
    expect(countBy(changes(points(first), points(second)), (change) => change)).toEqual({
      'CHARGING→AVAILABLE': 13,
      'AVAILABLE→RESERVED': 2,
      'AVAILABLE→CHARGING': 2,
    });
    const connectors = (poll: ReadPoll) =>
      new Map(connectorsOf(poll).map((connector) => [connector.id_connector, connector.status]));
    expect(changes(connectors(first), connectors(second))).toHaveLength(20);
  });

  it('have the same master data, station 326 with its swapped connectors included', () => {
    const { first, second } = polls();
    const connectorIds = (poll: ReadPoll) =>
      poll.readings
        .get(326)
        ?.points.map((point) => point.connectors.map((connector) => connector.id_connector));
    expect(connectorIds(first)).not.toEqual(connectorIds(second));
    expect(contents(second.readings.values())).toEqual(contents(first.readings.values()));
  });

  it('are read alike in full and by their statuses alone', () => {
    const { first, second } = polls();
    let reread = 0;
    for (const [id, station] of second.raw) {
      const before = first.raw.get(id);
      if (!equalExcept(before, station, chargecloud.volatileKeys)) continue;
      const path = '$.data[0]';
      const reading = chargecloud.rereadStatuses(station, chargecloud.readStation(before, path));
      expect(reading).toEqual(chargecloud.readStation(station, path));
      reread++;
    }
    expect(reread).toBe(1161); // all stations but 326
  });
});

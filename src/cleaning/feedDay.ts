import { CONNECTOR_COLUMNS, POINT_COLUMNS, STATION_COLUMNS } from '../domain/flatFiles.js';
import { type Exclusions, noExclusions } from '../domain/exclusions.js';
import { emptyLedgerEntry, type LedgerEntry } from '../domain/ledger.js';
import type { ConnectorReading, Entity, PointReading, StationReading } from '../domain/observation.js';
import type { Slot } from '../domain/slot.js';
import { jsonExcerpt, MORE_ISSUES } from '../sources/fieldIssues.js';
import type { ReadAnswer } from '../sources/readAnswer.js';
import type { Source } from '../sources/source.js';
import { isPartialKey } from '../stores/raw.js';
import { equalExcept } from './equal.js';
import { Excluded } from './excluded.js';
import { Findings, type FindingOrigin } from './findings.js';
import { idOf, stationsOf } from './stationsOf.js';
import { type Track, Tracks } from './tracks.js';

/**
 * Largest plausible difference, in milliseconds, between a feed's timestamp and the receipt of the answer. Beyond it,
 * `query_time` is the receipt.
 */
const TIMESTAMP_TOLERANCE_MS = 15 * 60_000;

/** Largest number of field issues that are stored for one answer, because a million of them would take minutes. */
const MAX_ISSUES = 50_000;

/** Reason of a poll whose records belong to another feed for the greater part. */
const FOREIGN_POLL = 'foreign_poll';
/** Fault of a poll whose last documents are missing. */
const PARTIAL = 'partial';

/** One parsed poll, with the values of the flat file `poll`. */
export interface CleanPoll {
  slot: Slot;
  receivedMs: number;
  queryMs: number;
  key: string;
  stations: number;
  points: number;
  connectors: number;
  pointFacts: number;
  connectorFacts: number;
  quarantined: number;
  /** Records whose id can't be read, and the records below them. Any entity may be behind such a record. */
  unidentified: number;
  /** Why no absence may be concluded from the poll, whatever its counts are; null in an ordinary poll. */
  fault: typeof FOREIGN_POLL | typeof PARTIAL | null;
}

/** A station as the answers of the day showed it, and the reading made from it. */
interface Known {
  raw: unknown;
  /** JSON of the station in the last answer. It differs from `raw` in statuses only. */
  last: unknown;
  /** Reading of the station, with the statuses of `last`. */
  reading: StationReading;
}

/**
 * One feed's day during cleaning. Its input is polls in the order of their slots. Its output is observations, content
 * spans, findings and counts.
 *
 * The answers of a day hardly differ. Therefore each station is compared with its JSON in the last answer. An identical
 * object (see AnswerReader) needs no work. A station is read in full only when more than its statuses changed.
 */
export class FeedDay {
  readonly polls: CleanPoll[] = [];
  readonly stations = new Tracks();
  readonly points = new Tracks();
  readonly connectors = new Tracks();
  readonly findings = new Findings();
  readonly ledger: LedgerEntry;
  private readonly known = new Map<unknown, Known>();
  private readonly sourceIds = new Map<number, string>();
  private readonly excluded: Excluded;

  /** Source of the last answer. `known` is valid for this source only. */
  private source: Source | null = null;

  constructor(
    readonly feed: string,
    exclusions: Exclusions = noExclusions(),
  ) {
    this.ledger = emptyLedgerEntry(feed);
    this.excluded = new Excluded(exclusions);
  }

  /**
   * Add the answer of a slot. Slots must come in ascending order, each at most once.
   *
   * @param documents the answer's documents, at least one, in the order of their requests
   */
  addPoll(
    at: { slot: Slot; receivedMs: number; key: string },
    source: Source,
    documents: readonly ReadAnswer[],
  ): void {
    if (this.source !== source) this.known.clear();
    this.source = source;
    const origin = { slotMs: at.slot, key: at.key };
    const poll: CleanPoll = {
      slot: at.slot,
      receivedMs: at.receivedMs,
      queryMs: this.queryTime(origin, at.receivedMs, documents[0]?.timestampMs ?? null),
      key: at.key,
      stations: 0,
      points: 0,
      connectors: 0,
      pointFacts: 0,
      connectorFacts: 0,
      quarantined: 0,
      unidentified: 0,
      fault: isPartialKey(at.key) ? PARTIAL : null,
    };
    const charsetIssue = documents.find((document) => document.charsetIssue !== null)?.charsetIssue ?? null;
    if (charsetIssue !== null) {
      const { reason, declared } = charsetIssue;
      const value = jsonExcerpt(declared ?? undefined);
      this.findings.flag(origin, issue('poll', null, '$', 'body', reason, value));
    }
    const visit = new Visit(this, poll, origin, this.polls.length, this.excluded);
    const foreign = this.excluded.poll(at.slot);
    for (const { raw, path } of stationsOf(source, documents)) {
      const reading = this.read(source, raw, path);
      if (foreign) visit.refuse(reading, FOREIGN_POLL);
      else visit.station(reading);
    }
    if (foreign) {
      poll.fault = FOREIGN_POLL;
      this.findings.quarantine(origin, { entity: 'poll', id: null, path: '$', reason: FOREIGN_POLL });
    }
    this.polls.push(poll);
    this.count(poll);
  }

  /**
   * Return whether the station number `idCs` belongs to the station `sourceId`. The number belongs to the first station
   * of this feed that showed it on this day.
   */
  owns(idCs: number, sourceId: string): boolean {
    const owner = this.sourceIds.get(idCs);
    if (owner === undefined) this.sourceIds.set(idCs, sourceId);
    return (owner ?? sourceId) === sourceId;
  }

  private queryTime(origin: FindingOrigin, receivedMs: number, timestampMs: number | null): number {
    const flag = (reason: string, value: string | null) =>
      this.findings.flag(origin, issue('poll', null, '$.timestamp', 'timestamp', reason, value));
    if (timestampMs === null) flag('missing', null);
    else {
      const aheadMs = timestampMs - receivedMs;
      if (Math.abs(aheadMs) <= TIMESTAMP_TOLERANCE_MS) return timestampMs;
      flag(aheadMs < 0 ? 'stale' : 'implausible', new Date(timestampMs).toISOString());
    }
    return Math.floor(receivedMs / 1000) * 1000;
  }

  private read(source: Source, raw: unknown, path: string): StationReading {
    const id = idOf(raw);
    const known = id === null ? undefined : this.known.get(id);
    if (known && known.last === raw) return known.reading;
    if (known && equalExcept(known.raw, raw, source.volatileKeys)) {
      const reading = source.rereadStatuses(raw, known.reading);
      known.last = raw;
      if (reading) return reading;
    }
    const reading = source.readStation(raw, path);
    if (id !== null && isOrdinary(source, reading)) this.known.set(id, { raw, last: raw, reading });
    else this.known.delete(id);
    return reading;
  }

  private count(poll: CleanPoll): void {
    this.ledger.charging_points_read += poll.points;
    this.ledger.charging_point_facts += poll.pointFacts;
    this.ledger.connectors_read += poll.connectors;
    this.ledger.connector_facts += poll.connectorFacts;
  }
}

/** Processing of the stations in the answer of one poll. */
class Visit {
  private issues = 0;

  constructor(
    private readonly day: FeedDay,
    private readonly poll: CleanPoll,
    private readonly origin: FindingOrigin,
    private readonly number: number,
    private readonly excluded: Excluded,
  ) {}

  station(reading: StationReading): void {
    const { id_cs: idCs, content } = reading;
    if (idCs !== null && content !== null) {
      const collides = !this.day.owns(idCs, content.source_id) || this.excluded.collides(content.source_id);
      if (collides) {
        this.poll.unidentified += identifiedRecords(reading);
        this.refuse(reading, 'id_collision');
        return;
      }
    }
    this.take(reading);
    if (idCs !== null && content !== null) {
      const track = this.day.stations.of(idCs);
      if (!track.seenIn(this.number)) {
        if (this.excluded.station(idCs, this.poll.slot))
          this.quarantine('station', String(idCs), 'other_feed');
        else track.see(this.number, content, STATION_COLUMNS);
      }
    }
    for (const point of reading.points) this.point(point);
  }

  /**
   * Count everything in the reading. Quarantine its station, and its charging points and connectors that have a status.
   */
  refuse(reading: StationReading, reason: string): void {
    this.take(reading);
    if (reading.id_cs !== null) this.quarantine('station', String(reading.id_cs), reason);
    for (const point of reading.points) {
      if (point.status !== null) this.quarantine('charging_point', point.id_cp, reason);
      for (const connector of point.connectors) {
        if (connector.status !== null) this.quarantine('connector', connector.id_connector, reason);
      }
    }
  }

  private take(reading: StationReading): void {
    this.poll.stations++;
    this.poll.points += reading.pointsRead;
    this.poll.connectors += reading.connectorsRead;
    this.poll.unidentified += 1 + reading.pointsRead + reading.connectorsRead - identifiedRecords(reading);
    for (const record of reading.quarantined) {
      this.day.findings.quarantine(this.origin, record);
      this.countQuarantined(record.entity);
    }
    for (const fieldIssue of reading.fieldIssues) {
      if (++this.issues > MAX_ISSUES) break;
      this.day.findings.flag(this.origin, fieldIssue);
    }
    if (this.issues > MAX_ISSUES)
      this.day.findings.flag(this.origin, issue('poll', null, '$', '', MORE_ISSUES, null));
  }

  private point(point: PointReading): void {
    const track = this.day.points.of(point.id_cp);
    if (this.excluded.point(point.id_cp, this.poll.slot)) {
      if (point.status !== null) this.quarantine('charging_point', point.id_cp, 'other_feed');
    } else {
      if (!track.seenIn(this.number)) track.see(this.number, point.content, POINT_COLUMNS);
      this.observe(track, 'charging_point', point.status, point.parkingsensor);
    }
    for (const connector of point.connectors) this.connector(connector);
  }

  private connector(connector: ConnectorReading): void {
    const track = this.day.connectors.of(connector.id_connector);
    if (this.excluded.connector(connector.id_connector, this.poll.slot)) {
      if (connector.status !== null) this.quarantine('connector', connector.id_connector, 'other_feed');
      return;
    }
    if (!track.seenIn(this.number)) track.see(this.number, connector.content, CONNECTOR_COLUMNS);
    this.observe(track, 'connector', connector.status, null);
  }

  private observe(
    track: Track,
    entity: 'charging_point' | 'connector',
    status: string | null,
    sensor: string | null,
  ): void {
    if (status === null) return; // the source has quarantined this record
    const { ledger, findings } = this.day;
    if (track.isObservedIn(this.number)) {
      if (entity === 'charging_point') ledger.charging_point_duplicates++;
      else ledger.connector_duplicates++;
      findings.flag(this.origin, issue(entity, String(track.id), '$', 'id', 'duplicate', null));
      return;
    }
    track.observe(this.number, status, sensor);
    if (entity === 'charging_point') this.poll.pointFacts++;
    else this.poll.connectorFacts++;
  }

  private quarantine(entity: Entity, id: string, reason: string): void {
    this.day.findings.quarantine(this.origin, { entity, id, path: '$', reason });
    this.countQuarantined(entity);
  }

  private countQuarantined(entity: Entity): void {
    this.poll.quarantined++;
    const { ledger } = this.day;
    if (entity === 'charging_point') ledger.charging_points_quarantined++;
    else if (entity === 'connector') ledger.connectors_quarantined++;
    else if (entity === 'station') ledger.stations_quarantined++;
  }
}

/** Return whether reading an equal station again would give the same reading, apart from the statuses. */
function isOrdinary(source: Source, reading: StationReading): boolean {
  if (reading.quarantined.length > 0) return false;
  return !reading.fieldIssues.some(
    ({ field, reason }) => source.volatileKeys.has(field) || reason === MORE_ISSUES,
  );
}

/** Return the number of records whose id could be read: the station, its charging points and their connectors. */
function identifiedRecords({ id_cs: idCs, points }: StationReading): number {
  return points.reduce((sum, { connectors }) => sum + 1 + connectors.length, idCs === null ? 0 : 1);
}

function issue(
  entity: Entity,
  id: string | null,
  path: string,
  field: string,
  reason: string,
  value: string | null,
) {
  return { entity, id, path, field, reason, value };
}

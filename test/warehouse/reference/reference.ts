import { dayBounds } from '../../../src/domain/day.js';
import { formatSlot, parseSlot } from '../../../src/domain/slot.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { lastingOf } from './events.js';
import type { Answer } from './fleet.js';
import { hoursOf } from './hours.js';

/**
 * Expected content of the warehouse for some answers. It is computed in the simplest way: for every entity slot by
 * slot, over all days at once, without spans, windows or SQL. Each table is a list of rows in no order; instants are
 * written as in keys.
 */
export type Reference = Record<string, Record<string, unknown>[]>;

const HOUR_MS = 3_600_000;
const COMPARED_MS = 168 * HOUR_MS;
const COMPARED_POLLS = 144;

interface Record_ {
  kind: Kind;
  /** null: the record's id, or that of a record above it, can't be read. */
  id: string | null;
  /** Status of the record; null if the record makes no fact, because it is a station or its status can't be read. */
  status: string | null;
  hasStatus: boolean;
  content: Content;
}
/** Master data. Coordinates are numbers, or null. */
type Content = Record<string, string | number | null>;
type Kind = 'station' | 'point' | 'connector';
const KINDS: Kind[] = ['station', 'point', 'connector'];

interface Poll {
  feed: string;
  day: string;
  slot: number;
  receivedMs: number;
  records: Record_[];
  isForeign: boolean;
  quarantined: Record<Kind, number>;
  facts: Record<Kind, number>;
  /** Why the poll is not complete; null if it is complete. */
  incomplete: string | null;
}

interface Sighting {
  poll: Poll;
  content: Content;
}

export function referenceOf(answers: Answer[]): Reference {
  const polls = readPolls(answers);
  const sightings = see(polls);
  judge(polls);
  const facts = (kind: Kind) =>
    polls.flatMap((poll) =>
      [...(sightings.facts.get(poll) ?? [])]
        .filter((record) => record.kind === kind)
        .map((record) => ({ poll, record })),
    );
  const observed = facts('point').map(({ poll: { feed, slot }, record: { id, status } }) => ({
    id: id ?? '',
    feed,
    slot,
    status: status ?? '',
  }));
  const lasting = lastingOf(observed);
  const starts = lasting.status_event
    .filter(({ status }) => status === 'CHARGING')
    .map(({ id, start_at }) => ({ id, at: parseSlot(start_at) }));
  const lives = [...sightings.seen.point].flatMap(([id, seen]) =>
    versionsOf(id, seen, polls).rows.map(({ valid_from, valid_to }) => ({
      id,
      from: parseSlot(valid_from),
      to: valid_to === null ? null : parseSlot(valid_to),
    })),
  );
  return {
    status_chargingpoints: facts('point').map(({ poll, record }) => fact(poll, record)),
    status_connectors: facts('connector').map(({ poll, record }) => fact(poll, record)),
    time: [
      ...new Set(polls.filter(({ facts: made }) => made.point + made.connector > 0).map(({ slot }) => slot)),
    ].map((slot) => ({ query_time: instant(slot + 2_000) })),
    poll: polls.map((poll) => ({
      day: poll.day,
      feed: poll.feed,
      slot: formatSlot(poll.slot),
      stations: count(poll, 'station'),
      charging_points: count(poll, 'point'),
      connectors: count(poll, 'connector'),
      charging_point_facts: poll.facts.point,
      connector_facts: poll.facts.connector,
      quarantined: KINDS.reduce((sum, kind) => sum + poll.quarantined[kind], 0),
      unidentified: unidentified(poll),
      fault: poll.isForeign ? 'foreign_poll' : null,
      incomplete: poll.incomplete,
      complete: poll.incomplete === null,
    })),
    ledger: ledgerOf(answers, polls),
    ...lasting,
    ...hoursOf(observed, lives, starts),
    ...Object.fromEntries(
      KINDS.flatMap((kind): [string, Reference[string]][] => {
        const entities = [...sightings.seen[kind]];
        return [
          [`${kind}_history`, entities.flatMap(([id, seen]) => versionsOf(id, seen, polls).rows)],
          [kind, entities.map(([id, seen]) => dimensionOf(id, seen, polls))],
          [`${kind}_content_span`, entities.flatMap(([id, seen]) => runsOf(id, seen, polls))],
        ];
      }),
    ),
  };
}

/** Join the references of fleets that share nothing but their slots. */
export function together(references: Reference[]): Reference {
  const tables = Object.keys(references[0] ?? {});
  const joined: Reference = Object.fromEntries(
    tables.map((table) => [table, references.flatMap((reference) => reference[table] ?? [])]),
  );
  const times = new Map(joined.time?.map((row) => [row.query_time, row]));
  return { ...joined, time: [...times.values()] };
}

/** Return the earliest readable answer of each slot, without excluded answers. */
function readPolls(answers: Answer[]): Poll[] {
  const first = new Map<string, Answer>();
  for (const answer of answers) {
    const key = `${answer.feed} ${answer.slot}`;
    const known = first.get(key);
    if (answer.isExcluded) continue;
    if (answer.stations && (!known || answer.receivedMs < known.receivedMs)) first.set(key, answer);
  }
  return [...first.values()]
    .sort((a, b) => a.slot - b.slot || (a.feed < b.feed ? -1 : 1))
    .map(({ feed, day, slot, receivedMs, stations }) => ({
      feed,
      day,
      slot,
      receivedMs,
      records: (stations ?? []).flatMap(recordsOf),
      isForeign: false,
      quarantined: { station: 0, point: 0, connector: 0 },
      facts: { station: 0, point: 0, connector: 0 },
      incomplete: null,
    }));
}

function recordsOf(station: NonNullable<Answer['stations']>[number]): Record_[] {
  if (station.id === null)
    return [
      nameless('station'),
      ...station.points.flatMap(({ connectors }) => [
        nameless('point'),
        ...connectors.map(() => nameless('connector')),
      ]),
    ];
  const idCs = String(station.id);
  const { name, operator, longitude, latitude } = station;
  const content = { name, longitude, latitude, operator_name: operator };
  const records: Record_[] = [{ kind: 'station', id: idCs, status: null, hasStatus: true, content }];
  for (const { uid, status, evse, floor, connectors } of station.points) {
    if (uid === null) {
      records.push(nameless('point'), ...connectors.map(() => nameless('connector')));
      continue;
    }
    const pointContent = { id_cs: idCs, evse_id: evse, floor_level: floor };
    records.push({ kind: 'point', id: uid, status, hasStatus: status !== null, content: pointContent });
    for (const { id, status: connectorStatus } of connectors)
      records.push({
        kind: 'connector',
        id,
        status: connectorStatus,
        hasStatus: true,
        content: { id_cp: uid },
      });
  }
  return records;
}

function nameless(kind: Kind): Record_ {
  return { kind, id: null, status: null, hasStatus: false, content: {} };
}

/** Assign every id and slot to one feed, and quarantine the records of the other feeds. */
function see(polls: Poll[]) {
  const seen: Record<Kind, Map<string, Sighting[]>> = {
    station: new Map(),
    point: new Map(),
    connector: new Map(),
  };
  const facts = new Map<Poll, Record_[]>();
  const days = new Set(polls.map(({ day }) => day));
  for (const day of days) {
    const ofDay = polls.filter((poll) => poll.day === day);
    const rank = rankFeeds(ofDay);
    for (const poll of ofDay) {
      const points = poll.records.filter(({ kind }) => kind === 'point');
      const foreign = points.filter((record) => rank(record, poll.feed) > 1);
      poll.isForeign = foreign.length * 2 > points.length;
    }
    for (const poll of ofDay) {
      const rivals = ofDay.filter((other) => other.slot === poll.slot && other !== poll && !other.isForeign);
      const made: Record_[] = [];
      for (const record of poll.records) {
        if (record.id === null) {
          poll.quarantined[record.kind]++;
          continue;
        }
        const isBeaten = rivals.some(
          (other) =>
            other.records.some((its) => its.kind === record.kind && its.id === record.id) &&
            rank(record, other.feed) < rank(record, poll.feed),
        );
        if (poll.isForeign || isBeaten || !record.hasStatus) poll.quarantined[record.kind]++;
        if (poll.isForeign || isBeaten) continue;
        const known = seen[record.kind].get(record.id) ?? [];
        seen[record.kind].set(record.id, [...known, { poll, content: record.content }]);
        if (record.status === null) continue;
        poll.facts[record.kind]++;
        made.push(record);
      }
      facts.set(poll, made);
    }
  }
  for (const kind of KINDS)
    for (const list of seen[kind].values()) list.sort((a, b) => a.poll.slot - b.poll.slot);
  return { seen, facts };
}

/**
 * Return a function for the rank of a feed among the feeds that showed an id on a day. Rank 1 has the feed that showed
 * the id in most slots.
 */
function rankFeeds(ofDay: Poll[]) {
  const slots = new Map<string, Map<string, number>>();
  for (const { feed, records } of ofDay)
    for (const { kind, id } of records.filter((record) => record.id !== null)) {
      const feeds = slots.get(`${kind} ${id}`) ?? new Map<string, number>();
      slots.set(`${kind} ${id}`, feeds.set(feed, (feeds.get(feed) ?? 0) + 1));
    }
  return ({ kind, id }: Record_, feed: string): number => {
    if (id === null) return 1;
    const feeds = [...(slots.get(`${kind} ${id}`) ?? [])];
    return 1 + feeds.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).findIndex(([name]) => name === feed);
  };
}

/** Decide which polls are complete, so that absence may be concluded from them. */
function judge(polls: Poll[]): void {
  for (const poll of polls) poll.incomplete = whyIncomplete(poll, polls);
}

function whyIncomplete(poll: Poll, polls: Poll[]): string | null {
  const before = polls.filter(
    ({ feed, slot }) => feed === poll.feed && slot < poll.slot && slot >= poll.slot - COMPARED_MS,
  );
  if (count(poll, 'point') === 0) return 'empty';
  if (poll.isForeign) return 'foreign_poll';
  if (before.some((other) => count(poll, 'point') < 0.8 * count(other, 'point'))) return 'shrunk';
  const last = before.slice(-COMPARED_POLLS);
  return last.some((other) => unidentified(poll) > unidentified(other)) ? 'unreadable_ids' : null;
}

function unidentified({ records }: Poll): number {
  return records.filter(({ id }) => id === null).length;
}

/** A row of a history. It also has the content columns of its kind. */
type Version = {
  id: string;
  feed: string | undefined;
  valid_from: string;
  valid_to: string | null;
  is_current: boolean;
  changed: string | null;
};

function versionsOf(id: string, seen: Sighting[], polls: Poll[]) {
  const rows: Version[] = [];
  let open: { from: number; content: Content; feed: string; changed: string | null } | null = null;
  let last: Sighting | null = null;
  let first: Content = {};
  const close = (to: number | null) => {
    if (open)
      rows.push({
        id,
        ...open.content,
        feed: last?.poll.feed,
        valid_from: formatSlot(open.from),
        valid_to: to === null ? null : formatSlot(to),
        is_current: to === null,
        changed: open.changed,
      });
    open = null;
  };
  for (const sighting of seen) {
    const { poll, content } = sighting;
    const before: Sighting | null = last;
    const goneAt = before && retirement(before.poll, poll.slot, polls);
    const changed = before && changedFrom(before.content, first, content);
    if (goneAt !== null) close(goneAt);
    else if (changed?.length) close(poll.slot);
    if (open === null) first = content;
    open ??= { from: poll.slot, content, feed: poll.feed, changed: changed && changed.join(',') };
    last = sighting;
  }
  const end = seen.at(-1);
  const goneAt = end ? retirement(end.poll, Infinity, polls) : null;
  close(goneAt);
  return { rows, retiredAt: goneAt };
}

/**
 * Return the first complete poll after a sighting and before the next one, if complete polls of 24 different hours lack
 * the entity; otherwise null.
 */
function retirement(after: Poll, before: number, polls: Poll[]): number | null {
  const lacking = polls.filter(
    ({ feed, slot, incomplete }) =>
      feed === after.feed && slot > after.slot && slot < before && incomplete === null,
  );
  const hours = new Set(lacking.map(({ slot }) => Math.floor(slot / HOUR_MS)));
  return hours.size >= 24 ? (lacking[0]?.slot ?? null) : null;
}

/**
 * Return the attributes that differ from the sighting before, and the coordinates that differ from the first ones of the
 * version before, if they are more than 10 m away from these.
 */
function changedFrom(before: Content, first: Content, now: Content): string[] {
  const coordinates = differing(first, now).filter(isCoordinate);
  const others = differing(before, now).filter((name) => !isCoordinate(name));
  const moved = coordinates.length > 0 && !(metres(first, now) <= 10) ? coordinates : [];
  return Object.keys(now).filter((name) => others.includes(name) || moved.includes(name));
}

function isCoordinate(name: string): boolean {
  return name === 'longitude' || name === 'latitude';
}

/** Return the distance by the formula of haversines; NaN if coordinates are not known. */
function metres(a: Content, b: Content): number {
  const radians = (degrees: Content[string]) => (degrees === null ? NaN : (Number(degrees) * Math.PI) / 180);
  const [north, east] = [
    radians(b.latitude ?? null) - radians(a.latitude ?? null),
    radians(b.longitude ?? null) - radians(a.longitude ?? null),
  ];
  const chord =
    Math.sin(north / 2) ** 2 +
    Math.cos(radians(a.latitude ?? null)) * Math.cos(radians(b.latitude ?? null)) * Math.sin(east / 2) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(chord));
}

function differing(a: Content, b: Content): string[] {
  return Object.keys(b).filter((name) => a[name] !== b[name]);
}

function dimensionOf(id: string, seen: Sighting[], polls: Poll[]): Record<string, unknown> {
  const last = seen.at(-1);
  const { retiredAt } = versionsOf(id, seen, polls);
  return {
    id,
    ...last?.content,
    feed: last?.poll.feed,
    last_seen: formatSlot(last?.poll.slot ?? NaN),
    retired_at: retiredAt === null ? null : formatSlot(retiredAt),
  };
}

function runsOf(id: string, seen: Sighting[], polls: Poll[]): Record<string, unknown>[] {
  const runs: { first: Sighting; last: Sighting; polls: number }[] = [];
  for (const sighting of seen) {
    const run = runs.at(-1);
    const goesOn =
      run?.last.poll.day === sighting.poll.day &&
      run.last.poll.feed === sighting.poll.feed &&
      differing(run.last.content, sighting.content).length === 0 &&
      !polls.some(
        ({ feed, slot }) =>
          feed === sighting.poll.feed && slot > run.last.poll.slot && slot < sighting.poll.slot,
      );
    if (goesOn) Object.assign(run, { last: sighting, polls: run.polls + 1 });
    else runs.push({ first: sighting, last: sighting, polls: 1 });
  }
  return runs.map(({ first, last, polls: seenIn }) => ({
    id,
    ...first.content,
    day: first.poll.day,
    feed: first.poll.feed,
    first_slot: formatSlot(first.poll.slot),
    last_slot: formatSlot(last.poll.slot),
    polls: seenIn,
  }));
}

function ledgerOf(answers: Answer[], polls: Poll[]): Record<string, unknown>[] {
  const days = new Map(answers.map(({ day, feed }) => [`${day} ${feed}`, { day, feed }]));
  return [...days.values()].map(({ day, feed }) => {
    const ofDay = polls.filter((poll) => poll.day === day && poll.feed === feed);
    const all = answers.filter((answer) => answer.day === day && answer.feed === feed);
    const bodies = all.filter(({ isExcluded }) => !isExcluded);
    const readable = (answer: Answer) =>
      ofDay.find(({ slot }) => slot === answer.slot)?.receivedMs ?? Infinity;
    const sum = (of: (poll: Poll) => number) => ofDay.reduce((total, poll) => total + of(poll), 0);
    return {
      day,
      feed,
      bodies: all.length,
      parsed: ofDay.length,
      unreadable: bodies.filter((answer) => answer.receivedMs < readable(answer)).length,
      surplus: bodies.filter((answer) => answer.receivedMs > readable(answer)).length,
      excluded: all.length - bodies.length,
      charging_points_read: sum((poll) => count(poll, 'point')),
      charging_point_facts: sum(({ facts }) => facts.point),
      charging_points_quarantined: sum(({ quarantined }) => quarantined.point),
      connectors_read: sum((poll) => count(poll, 'connector')),
      connector_facts: sum(({ facts }) => facts.connector),
      connectors_quarantined: sum(({ quarantined }) => quarantined.connector),
      stations_quarantined: sum(({ quarantined }) => quarantined.station),
    };
  });
}

function count({ records }: Poll, kind: Kind): number {
  return records.filter((record) => record.kind === kind).length;
}

function fact(poll: Poll, { id, status }: Record_): Record<string, unknown> {
  const { start, end } = dayBounds(poll.day, ZONE);
  if (poll.slot < start || poll.slot >= end) throw new RangeError('the test has put a slot on a wrong day');
  return {
    key: `${id}@${formatSlot(poll.slot)}`,
    id,
    query_time: instant(poll.slot + 2_000),
    status,
    day: poll.day,
  };
}

function instant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

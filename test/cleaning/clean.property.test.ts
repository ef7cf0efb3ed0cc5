import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { ledgerFaults } from '../../src/domain/ledger.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type FlatRow, readFacts, readFlat } from './support/flatFiles.js';
import { DAY, FEED, putPoll, slotAt } from './support/polls.js';
import { makeStores } from './support/stores.js';

const RUNS = process.env.LADEPULS_TEST_LONG ? 1000 : 40;
const SET = { day: DAY, load: 'load-1', feed: FEED };
const FLEET = simulateFleet({ seed: 7, feeds: [FEED], stationsPerFeed: 12 });

type Json = Record<string, unknown>;

/** Damage to a record: it is changed in place, or replaced by another record. */
const breakage = fc.constantFrom<(record: Json, all: unknown[]) => void>(
  (record) => delete record.id,
  (record) => delete record.uid,
  (record) => delete record.status,
  (record) => (record.status = { is: 'new' }),
  (record) => (record.status = 'HIBERNATING'),
  (record) => (record.id = '1'),
  (record) => (record.uid = 'x'.repeat(65)),
  (record) => (record.evses = null),
  (record) => (record.connectors = 'none'),
  (record) => (record.name = '"\0,\n'),
  (record, all) => all.push(structuredClone(record)),
  (_, all) => all.push(null),
  (_, all) => all.push('junk'),
  (_, all) => all.pop(),
  (_, all) => all.reverse(),
  (_, all) => all.splice(0),
);

interface BrokenPoll {
  slot: number;
  hits: { at: number; breakage: (record: Json, all: unknown[]) => void }[];
  how: 'whole' | 'cut' | 'twice';
}

const brokenPoll = fc.record<BrokenPoll>({
  slot: fc.integer({ min: 0, max: 5 }).map(slotAt),
  hits: fc.array(fc.record({ at: fc.nat(), breakage }), { maxLength: 6 }),
  how: fc.constantFrom('whole', 'whole', 'whole', 'cut', 'twice'),
});

/** Return every record of an answer (station, charging point or connector) with the list that contains it. */
function records(all: unknown[]): [Json, unknown[]][] {
  return all.flatMap((record) => {
    if (typeof record !== 'object' || record === null) return [];
    const json = record as Json;
    const below = [json.evses, json.connectors].filter((list) => Array.isArray(list));
    return [[json, all] as [Json, unknown[]], ...below.flatMap((list) => records(list as unknown[]))];
  });
}

function brokenBody({ slot, hits }: BrokenPoll): { data: unknown[] } {
  const answer = JSON.parse(FLEET.envelope(FEED, slot)) as { data: unknown[] };
  for (const hit of hits) {
    const all = records(answer.data);
    const struck = all[hit.at % Math.max(1, all.length)];
    if (struck) hit.breakage(...struck);
  }
  return answer;
}

/** Store the polls, and return the bodies that are cleaned: the first complete body of each slot. */
async function putPolls(stores: ReturnType<typeof makeStores>, polls: BrokenPoll[]) {
  const counting = new Map<number, { data: unknown[] }>();
  let bodies = 0;
  for (const [order, poll] of polls.entries()) {
    const body = brokenBody(poll);
    const text = Buffer.from(JSON.stringify(body));
    const receivedMs = poll.slot + order;
    const kept = poll.how === 'cut' ? text.subarray(0, text.length - 1) : text;
    await putPoll(stores.raw, { slot: poll.slot, body: kept, receivedMs });
    if (poll.how === 'twice') await putPoll(stores.raw, { slot: poll.slot, body: kept, receivedMs });
    bodies++; // the same body received in the same millisecond is the same object
    if (poll.how !== 'cut' && !counting.has(poll.slot)) counting.set(poll.slot, body);
  }
  return { bodies, counting: [...counting.values()] };
}

const lists = (parents: unknown[], field: string) =>
  parents.flatMap((parent) => {
    const list = (parent as Json | null)?.[field];
    return Array.isArray(list) ? (list as unknown[]) : [];
  });

const total = (rows: FlatRow[], column: string) => rows.reduce((sum, row) => sum + Number(row[column]), 0);

it('accounts for every answer and record, whatever is broken in a day', async () => {
  const property = fc.asyncProperty(fc.array(brokenPoll, { maxLength: 8 }), async (polls) => {
    const stores = makeStores();
    try {
      const { bodies, counting } = await putPolls(stores, polls);
      const { ledger } = await cleanFeedDay(stores, SET);
      const facts = (file: Parameters<typeof readFacts>[2]) => readFacts(stores.flat, SET, file);
      const [pointFacts, connectorFacts] = [
        await facts('charging_point_status_span'),
        await facts('connector_status_span'),
      ];
      const points = counting.flatMap(({ data }) => lists(data, 'evses'));
      const read = (file: Parameters<typeof readFlat>[2]) => readFlat(stores.flat, SET, file);

      expect(ledgerFaults(ledger)).toEqual([]);
      expect(ledger).toMatchObject({
        bodies,
        parsed: counting.length,
        charging_points_read: points.length,
        connectors_read: lists(points, 'connectors').length,
        charging_point_facts: pointFacts.length,
        connector_facts: connectorFacts.length,
      });
      const findings = await read('quarantine');
      const quarantined = (entity: string) =>
        total(
          findings.filter((row) => row.entity === entity),
          'occurrences',
        );
      expect(quarantined('charging_point')).toBe(ledger.charging_points_quarantined);
      expect(quarantined('connector')).toBe(ledger.connectors_quarantined);
      expect(quarantined('station')).toBe(ledger.stations_quarantined);
      expect(quarantined('poll')).toBe(ledger.unreadable);
      const pollRows = await read('poll');
      expect(total(pollRows, 'charging_point_facts')).toBe(ledger.charging_point_facts);
      expect(total(pollRows, 'connectors')).toBe(ledger.connectors_read);

      checkFacts(pointFacts, 'id_chargingpoint', await read('charging_point_content_span'), 'id_cp');
      checkFacts(connectorFacts, 'id_connector', await read('connector_content_span'), 'id_connector');
    } finally {
      stores.remove();
    }
  });
  await fc.assert(property, { numRuns: RUNS });
});

/**
 * Check that each id and slot has one fact, that each fact is in exactly one content span of its entity, and that the
 * spans of an entity do not overlap.
 */
function checkFacts(facts: FlatRow[], factId: string, spans: FlatRow[], spanId: string): void {
  const keys = facts.map((row) => `${row[factId]}@${row.slot}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const fact of facts) {
    const around = spans.filter(
      (span) =>
        span[spanId] === fact[factId] &&
        (span.first_slot ?? '') <= (fact.slot ?? '') &&
        (span.last_slot ?? '') >= (fact.slot ?? ''),
    );
    expect(around).toHaveLength(1);
  }
}

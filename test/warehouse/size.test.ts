import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { copyToHeap, makeHeap } from '../../bench/heap.js';
import { slotsOfDay } from '../../src/domain/day.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';

const STATIONS = 80;
/** Number of charging points of a day, each with one connector. */
const POINTS = 2 * STATIONS;
const SLOTS = slotsOfDay(DAY, ZONE, 10);

/** The two kinds of facts: the table of their spans, and the table of their rows. */
const FACTS = [
  { spans: 'observation.charging_point_span', heap: 'heap.charging_point' },
  { spans: 'observation.connector_span', heap: 'heap.connector' },
];

/** Ids in the forms that feeds use: uids of five digits, and UUIDs. */
const IDS = {
  'five digits': (number: number) => String(30_000 + number),
  '36 characters': (number: number) => `5f3c1a2e-9b7d-4c1e-8a64-${String(number).padStart(12, '0')}`,
};

interface Sizes {
  /** Size of the spans with their indexes, divided by the size of the same facts as rows with their index. */
  ratio: number;
  spansAPoint: number;
}

/**
 * Load a day in which a charging point has the status `shown(point, slot)`, and measure the size of each kind of fact.
 */
async function measure(
  id: (number: number) => string,
  shown: (pointNumber: number, slotNumber: number) => string,
): Promise<Sizes[]> {
  const bench = await openBench();
  for (const [slotNumber, slot] of SLOTS.entries()) {
    const stations = Array.from({ length: STATIONS }, (_, at) => {
      const evses = [2 * at, 2 * at + 1].map((number) => {
        const status = shown(number, slotNumber);
        return point(id(number), status, { connectors: [{ id: id(number), status }] });
      });
      return station(String(at + 1), evses);
    });
    await putPoll(bench.raw, { slot, body: envelope(slot, stations) });
  }
  const { chargingPointFacts, connectorFacts } = await loadDay(bench, DAY);
  expect([chargingPointFacts, connectorFacts]).toEqual([POINTS * SLOTS.length, POINTS * SLOTS.length]);
  return sizesOf(bench);
}

async function sizesOf({ url }: LoadBench): Promise<Sizes[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await makeHeap(client);
    await copyToHeap(client, DAY);
    const sizes: Sizes[] = [];
    for (const { spans, heap } of FACTS) {
      const { rows } = await client.query<{ ratio: number; spans: number }>(
        `select pg_total_relation_size('${spans}')::float / pg_total_relation_size('${heap}_${DAY.replaceAll('-', '')}') as ratio,
           (select count(*) from ${spans})::int as spans`,
      );
      const [{ ratio, spans: number } = { ratio: NaN, spans: NaN }] = rows;
      sizes.push({ ratio, spansAPoint: number / POINTS });
    }
    return sizes;
  } finally {
    await client.end();
  }
}

describe.each(Object.entries(IDS))('facts of charging points with ids of %s', (_, id) => {
  it('take at most 1.3 times the bytes that rows take where the status changes in every poll', async () => {
    const flips = await measure(id, (number, slot) => ((number + slot) % 2 === 0 ? 'AVAILABLE' : 'CHARGING'));
    for (const { ratio, spansAPoint } of flips) {
      expect(spansAPoint).toBe(SLOTS.length);
      expect(ratio).toBeLessThanOrEqual(1.3);
    }
  });

  it('take at most a tenth of the bytes that rows take where a charging point has 2.5 spans', async () => {
    /** Half of the charging points change their status in two slots of their own, half in one. */
    const calm = await measure(id, (number, slot) => {
      const first = number % 60;
      const second = number % 2 === 0 ? 80 + (number % 50) : Infinity;
      return slot <= first || slot > second ? 'AVAILABLE' : 'CHARGING';
    });
    for (const { ratio, spansAPoint } of calm) {
      expect(spansAPoint).toBe(2.5);
      expect(ratio).toBeLessThanOrEqual(0.1);
    }
  });
});

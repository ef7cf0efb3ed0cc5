import { expect, it } from 'vitest';
import { slotsOfDay } from '../../src/domain/day.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { loadDay, openBench } from './support/loads.js';
import { query } from './support/query.js';

const BYTES_A_ROW = 80;
const STATIONS = 350;
/** COPY extends a table by up to 64 pages at once; how many of the last ones stay empty does not grow with the rows. */
const LAST_EXTENSION_BYTES = 64 * 8192;

/** As in January 2022: uids of three to five digits; of 100 charging points, 78 are free and 17 charge. */
function stationOf(number: number, slotNumber: number) {
  const evses = [0, 1].map((at) => {
    const share = (number * 31 + at * 17 + slotNumber * 7) % 100;
    const status = share < 78 ? 'AVAILABLE' : share < 95 ? 'CHARGING' : 'UNKNOWN';
    const sensor = number % 27 === 0 ? { parkingsensor_status: 'OCCUPIED' } : {};
    return point(String(300 + number * 2 + at), status, sensor);
  });
  return station(String(number), evses);
}

it(`a fact takes at most ${BYTES_A_ROW} bytes on disk, its index included`, async () => {
  const bench = await openBench();
  for (const [slotNumber, slot] of slotsOfDay(DAY, ZONE, 10).entries()) {
    const stations = Array.from({ length: STATIONS }, (_, number) => stationOf(number + 1, slotNumber));
    await putPoll(bench.raw, { slot, body: envelope(slot, stations) });
  }
  const { chargingPointFacts, connectorFacts } = await loadDay(bench, DAY);
  expect([chargingPointFacts, connectorFacts]).toEqual([100_800, 100_800]);
  const partitions = await query(
    bench.url,
    `select relname as name, pg_total_relation_size(oid)::int as bytes from pg_class
     where relnamespace = 'observation'::regnamespace and relispartition and relkind = 'r' order by 1`,
  );
  expect(partitions.map(({ name }) => name)).toEqual(['charging_point_20220111', 'connector_20220111']);
  for (const { bytes } of partitions)
    expect((Number(bytes) - LAST_EXTENSION_BYTES) / 100_800).toBeLessThanOrEqual(BYTES_A_ROW);
}, 60_000);

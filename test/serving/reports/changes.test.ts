import { beforeAll, describe, expect, it } from 'vitest';
import type { RowKind } from '../../../src/serving/reports/names.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { point, station } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { query } from '../../warehouse/support/query.js';
import { showTimeline } from '../../warehouse/support/timeline.js';

const DAYS = ['2022-01-07', '2022-01-08', '2022-01-09', '2022-01-10'] as const;
const [FIRST, SECOND, THIRD, FOURTH] = DAYS;

/** Enough charging points that a poll with one more or one less is still complete. */
const others = Array.from({ length: 10 }, (_, number) => point(`3${number}`));
const stations = (hasTwelve: boolean, second: object) => [
  station('1', [point('11'), ...(hasTwelve ? [point('12')] : [])], { operator: { name: 'Rhein' } }),
  station('2', [point('21')], { city: 'Bonn', operator: { name: 'Sieg' }, ...second }),
  station('3', others, { city: 'Bonn', operator: { name: 'Sieg' } }),
];

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  // One poll per hour. On the second day, a charging point appears and a station is renamed. On the third day, the
  // charging point disappears. On the fourth day, it returns.
  for (const [index, day] of DAYS.entries())
    await showTimeline(bench, day, 'a*24', {
      minutes: 60,
      shown: () =>
        stations(index === 1 || index === 3, index > 0 ? { name: 'Mitte', address: 'Markt 1' } : {}),
    });
  for (const day of [...DAYS].reverse()) await loadDay(bench, day);
  return remove;
}, 60_000);

async function table(by: RowKind, from: string = FIRST, to: string = FOURTH) {
  const { columns, rows, total } = await readReport(bench.url, 'changes', { from, to, by });
  const object = ({ key, values }: (typeof rows)[number]): Record<string, unknown> => ({
    key,
    ...Object.fromEntries(columns.map((column, index) => [column.key, values[index]])),
  });
  return { rows: rows.map(object), total: total && object(total), labels: rows.map(({ label }) => label) };
}

const none = { appeared: 0, changed: 0, returned: 0, retired: 0, change: null };

describe('changes of master data', () => {
  it('are what appeared, changed, was retired and came back, but not what the first poll showed', async () => {
    const found = await query(
      bench.url,
      `select entity, id, day::text, kind, attributes, id_cs, feed from change order by day, kind, entity, id`,
    );
    const of12 = [
      { entity: 'charging_point', id: '12' },
      { entity: 'connector', id: '120' },
    ].map((one) => ({ ...one, attributes: null, id_cs: 1, feed: 'koeln' }));
    expect(found).toEqual([
      ...of12.map((one) => ({ ...one, day: SECOND, kind: 'appeared' })),
      {
        entity: 'charging_station',
        id: '2',
        day: SECOND,
        kind: 'changed',
        attributes: 'name,address',
        id_cs: 2,
        feed: 'koeln',
      },
      ...of12.map((one) => ({ ...one, day: THIRD, kind: 'retired' })),
      ...of12.map((one) => ({ ...one, day: FOURTH, kind: 'returned' })),
    ]);
  });

  it('are counted by city, ranked', async () => {
    const { rows, total } = await table('city');
    expect(rows).toEqual([
      { ...none, key: 'Köln', changes: 6, appeared: 2, returned: 2, retired: 2 },
      { ...none, key: 'Bonn', changes: 1, changed: 1 },
    ]);
    expect(total).toEqual({ ...none, key: '', changes: 7, appeared: 2, changed: 1, returned: 2, retired: 2 });
  });

  it('are compared with the period before', async () => {
    const { rows } = await table('day', THIRD, FOURTH);
    expect(rows.map(({ key }) => key)).toEqual([THIRD, FOURTH]);
    const { total } = await table('city', THIRD, FOURTH);
    expect(total).toMatchObject({ changes: 4, change: 4 - 3 });
  });

  it('of two attributes are one, whatever they are by', async () => {
    const { rows } = await table('attribute');
    expect(rows.map(({ key, changed }) => [key, changed])).toEqual([
      ['', 0],
      ['address', 1],
      ['name', 1],
    ]);
    for (const by of ['city', 'entity', 'attribute', 'station', 'operator', 'feed', 'week'] as const)
      expect((await table(by)).total, by).toMatchObject({ changes: 7, changed: 1 });
  });

  it('of a station are named as people name it', async () => {
    const { rows, labels } = await table('station');
    expect(rows.map(({ key }) => key)).toEqual(['1', '2']);
    expect(labels[1]).toBe('Mitte, Markt 1, Bonn');
  });
});

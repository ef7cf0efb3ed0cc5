import { gunzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/day.js';
import { DAY } from '../../cleaning/support/polls.js';
import { loadDay, newLoad, stepsOf } from '../support/loads.js';
import { column, digest } from '../support/query.js';
import { DAYS, putDays } from './support/days.js';
import {
  ABSENT_HINT,
  emptyRedshift,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';

const NEXT_DAY = addDays(DAY, 1);

describe.skipIf(whyNoRedshift !== null)(`old facts on Redshift${ABSENT_HINT}`, { timeout: 120_000 }, () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await makeRedshiftBench({ isOnS3: true });
    await putDays(bench.raw);
    return () => bench.remove();
  });
  beforeEach(async () => {
    await emptyRedshift(bench.url);
    for (const day of DAYS) await loadDay(bench, day);
  });
  const facts = () =>
    column(bench.url, 'select count(*)::int from status_chargingpoints group by day order by day');

  it('leave by UNLOAD into the archive that Postgres writes too, and nothing else of the day does', async () => {
    const history = await digest(bench.url);
    const before = await facts();
    const times = await column(bench.url, 'select count(*)::int from "time"');
    expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([DAY]);
    const left = await bench.warehouse.archiveDay(DAY, bench.flat);
    expect(await facts()).toEqual(before.slice(1));
    expect(await column(bench.url, 'select count(*)::int from "time"')).toEqual([Number(times[0]) - 24]);
    expect(await bench.warehouse.isArchived({ day: DAY })).toBe(true);
    expect(await bench.warehouse.archivableDays(addDays(DAY, 9), 10)).toEqual(DAYS.slice(1));
    const after = await digest(bench.url);
    const changed = Object.keys(after).filter((table) => after[table] !== history[table]);
    expect(changed).toEqual(['public.status_chargingpoints', 'public.status_connectors', 'public.time']);

    const csv = gunzipSync(await bench.flat.get(`archive/${DAY}/status_chargingpoints.csv.gz`)).toString();
    const lines = csv.trimEnd().split('\n');
    expect(lines[0]).toBe('id_status_cp,id_chargingpoint,query_time,status_cp,status_parkingsensor,slot,day');
    expect(lines[1]).toBe(
      `10@20220110T2300Z,10,2022-01-10 23:00:02+00,CHARGING,,2022-01-10 23:00:00+00,${DAY}`,
    );
    expect(lines).toHaveLength(1 + Number(before[0]));
    const manifest = JSON.parse((await bench.flat.get(`archive/${DAY}/manifest.json`)).toString()) as {
      tables: Record<string, { rows: number }>;
    };
    expect(Object.values(manifest.tables).reduce((sum, { rows }) => sum + rows, 0)).toBe(left);
    const objects: string[] = [];
    for await (const { key } of bench.flat.list('archive/'))
      objects.push(key.slice(`archive/${DAY}/`.length));
    expect(objects).toEqual(['manifest.json', 'status_chargingpoints.csv.gz', 'status_connectors.csv.gz']);
  });

  it('come back with a load, to stay; a load without facts brings all but these', async () => {
    const loaded = await digest(bench.url);
    await bench.warehouse.archiveDay(DAY, bench.flat);
    const archived = await digest(bench.url);
    for (const step of stepsOf(bench, { ...newLoad(DAY), withoutFacts: true })) await step.run();
    expect(await digest(bench.url)).toEqual(archived);
    await loadDay(bench, DAY);
    expect(await digest(bench.url)).toEqual(loaded);
    expect(await bench.warehouse.isArchived({ day: DAY })).toBe(false);
  });

  it('stay where the day is published while they are written, or where the store does not keep what it is given', async () => {
    const loaded = await digest(bench.url);
    const publishing = Object.assign(Object.create(bench.flat) as typeof bench.flat, {
      async put(key: string, body: Uint8Array) {
        await bench.flat.put(key, body);
        if (key === `archive/${DAY}/manifest.json`) await loadDay(bench, DAY);
      },
    });
    expect(await bench.warehouse.archiveDay(DAY, publishing)).toBeNull();
    const losing = Object.assign(Object.create(bench.flat) as typeof bench.flat, {
      getStream: (key: string) =>
        bench.flat.getStream(key.replace('/status_connectors.csv', '/status_chargingpoints.csv')),
    });
    await expect(bench.warehouse.archiveDay(DAY, losing)).rejects.toThrow(
      'was read back with other content than was written',
    );
    expect(await digest(bench.url)).toEqual(loaded);
    expect(await bench.warehouse.archivableDays(NEXT_DAY, 10)).toEqual([DAY]);
  });
});

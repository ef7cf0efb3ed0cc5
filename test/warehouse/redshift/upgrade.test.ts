import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type * as RedshiftWarehouse from '../../../src/warehouse/redshift/warehouse.js';
import type { Warehouse } from '../../../src/warehouse/warehouse.js';
import { DAY } from '../../cleaning/support/polls.js';
import { activitiesOf, loadDay, newLoad, stepsOf } from '../support/loads.js';
import { query } from '../support/query.js';
import { NUMBER, OWN_NUMBER, putStations } from '../support/stationNumbers.js';
import {
  ABSENT_HINT,
  IAM_ROLE,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';
import { makeEarlier } from './support/earlierForm.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A migration that adds a column to a dimension, and to the view that readers query. */
const NEW_COLUMN = `
-- A column for readers.
alter table warehouse.charging_station
add column access varchar(256) encode zstd;

drop view public.charging_station;

create view public.charging_station as
select
  id_cs,
  name,
  access
from warehouse.charging_station
with no schema binding;
`;

/** Open the warehouse with a copy of this release that has one migration more. */
async function openNextRelease(bench: RedshiftBench): Promise<Warehouse> {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-next-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const copied of ['dist', 'sql', 'package.json'])
    cpSync(join(ROOT, copied), join(folder, copied), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'sql/redshift/999.do.access.sql'), NEW_COLUMN);
  const file = pathToFileURL(join(folder, 'dist/warehouse/redshift/warehouse.js')).href;
  const { openRedshiftWarehouse } = (await import(file)) as typeof RedshiftWarehouse;
  const warehouse = openRedshiftWarehouse(bench.standIn.url, IAM_ROLE);
  onTestFinished(() => warehouse.close());
  return warehouse;
}

describe.skipIf(whyNoRedshift !== null)(
  `a new column on Redshift${ABSENT_HINT}`,
  { timeout: 240_000 },
  () => {
    let bench: RedshiftBench;
    beforeEach(async () => {
      bench = await makeRedshiftBench({ isMigrated: false });
      await putStations(bench.raw);
      return () => bench.remove();
    });

    const stations = () => query(bench.url, 'select id_cs, access from public.charging_station order by 1');
    const setAccess = (schema: string) =>
      query(bench.url, `update ${schema}.charging_station set access = 'all'`);

    it('is in the tables and views of a warehouse with days, and in the tables of a rebuild', async () => {
      await bench.warehouse.migrate();
      await loadDay(bench, DAY);
      await bench.warehouse.beginRebuild('earlier');
      for (const step of stepsOf(bench, { ...newLoad(DAY), isRebuild: true }, 'rebuild')) await step.run();
      const next = await openNextRelease(bench);
      await next.migrate();
      await setAccess('warehouse');
      expect(await stations()).toEqual([
        { id_cs: NUMBER, access: 'all' },
        { id_cs: OWN_NUMBER, access: 'all' },
      ]);
      await setAccess('rebuilt');
      expect(await next.exchange('earlier')).toEqual([]);
      await next.dropReplaced();
      expect(await stations()).toEqual([
        { id_cs: NUMBER, access: 'all' },
        { id_cs: OWN_NUMBER, access: 'all' },
      ]);
    });

    it('comes with the rebuild where the warehouse waits for a rebuild', async () => {
      await makeEarlier(bench);
      await query(
        bench.url,
        `insert into ops.day_revision values ('${DAY}', 1, now() - interval '1 hour', 'earlier', 'earlier')`,
      );
      const next = await openNextRelease(bench);
      await next.migrate();
      await next.beginRebuild('first');
      await expect(stations(), 'readers have the view of before').rejects.toThrow('"access" does not exist');
      const nextBench = {
        ...bench,
        activities: activitiesOf({ raw: bench.raw, flat: bench.flat, warehouse: next }),
      };
      for (const step of stepsOf(nextBench, { ...newLoad(DAY), isRebuild: true }, 'rebuild'))
        await step.run();
      await setAccess('rebuilt');
      expect(await next.exchange('first')).toEqual([]);
      await next.dropReplaced();
      expect(await stations()).toEqual([
        { id_cs: NUMBER, access: 'all' },
        { id_cs: OWN_NUMBER, access: 'all' },
      ]);
      expect(await next.awaitsRebuild()).toBe(false);
    });
  },
);

import { tmpdir } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { awaitsRebuild, query as ask } from '../../../src/warehouse/open.js';
import { LoadRefused } from '../../../src/warehouse/warehouse.js';
import { DAY, ZONE } from '../../cleaning/support/polls.js';
import { Command } from '../../commands/support/command.js';
import { loadDay, newLoad, stepsOf } from '../support/loads.js';
import { column, query } from '../support/query.js';
import { NUMBER, OWN_NUMBER, putStations, REPORT } from '../support/stationNumbers.js';
import {
  ABSENT_HINT,
  IAM_ROLE,
  makeRedshiftBench,
  type RedshiftBench,
  whyNoRedshift,
} from './support/bench.js';
import { BIGINT_IDS, makeEarlier, MIGRATIONS, statementsOf } from './support/earlierForm.js';

it.each(MIGRATIONS.filter((name) => name >= BIGINT_IDS))(
  '%s changes only tables and views, so that it can change the tables of a rebuild',
  (name) => {
    for (const statement of statementsOf(name))
      expect(statement).toMatch(
        /^\s*(((create|drop|alter) table|update) (warehouse|ops)|(create|create or replace|drop) view public)\./,
      );
  },
);

describe.skipIf(whyNoRedshift !== null)(
  `numbers of 53 bits on Redshift${ABSENT_HINT}`,
  { timeout: 240_000 },
  () => {
    let bench: RedshiftBench;
    beforeEach(async () => {
      bench = await makeRedshiftBench({ isMigrated: false });
      return () => bench.remove();
    });

    const TYPES = `select distinct data_type from information_schema.columns
    where column_name = 'id_cs' and table_schema in ('public', 'warehouse', 'ops')`;
    const stations = () => column(bench.url, 'select id_cs from public.charging_station order by 1');

    it('are loaded and read back exactly, from tables that were empty before', async () => {
      await makeEarlier(bench);
      expect(await column(bench.url, TYPES)).toEqual(['integer']);
      await bench.warehouse.migrate();
      expect(await column(bench.url, TYPES)).toEqual(['bigint']);
      await putStations(bench.raw);
      await loadDay(bench, DAY);
      expect(await stations()).toEqual([NUMBER, OWN_NUMBER]);
      const answer = await ask(
        bench.standIn.url,
        'select id_cs from public.charging_station order by 1',
        ZONE,
      );
      expect(answer.rows).toEqual([[NUMBER], [OWN_NUMBER]]);
      const environment = {
        DATABASE_URL: bench.standIn.url,
        FLAT_STORE: 's3://tests/flat',
        LADEPULS_REDSHIFT_IAM_ROLE: IAM_ROLE,
        LADEPULS_READER_URL: bench.standIn.url,
      };
      const run = async (...args: string[]) => {
        const command = new Command(args, environment, tmpdir());
        expect([await command.exited(), command.stderr]).toEqual([0, '']);
        return command.stdout;
      };
      expect(await run('sql', '--json', 'select min(id_cs) as id_cs from public.charging_station')).toBe(
        `[{"id_cs":${NUMBER}}]\n`,
      );
      const { rows } = JSON.parse(await run(...REPORT, '--format', 'json')) as { rows: { key: string }[] };
      expect(rows.map(({ key }) => key).sort()).toEqual([String(NUMBER), String(OWN_NUMBER)]);
    });

    it('wait for a rebuild where days are published, which loads say, and come with it', async () => {
      await makeEarlier(bench);
      await putStations(bench.raw);
      await query(
        bench.url,
        `insert into ops.day_revision values ('${DAY}', 1, now() - interval '1 hour', 'earlier', 'earlier')`,
      );
      await bench.warehouse.migrate();
      expect(await column(bench.url, TYPES)).toEqual(['integer']);
      const refused = bench.warehouse.open(newLoad(DAY));
      await expect(refused).rejects.toThrow(LoadRefused);
      await expect(refused).rejects.toThrow('Run "ladepuls rebuild"');
      await expect(loadDay(bench, DAY), 'and is tried again until then').rejects.toMatchObject({
        type: 'AwaitsRebuild',
        nonRetryable: false,
      });
      expect(await bench.warehouse.awaitsRebuild()).toBe(true);
      expect(await awaitsRebuild(bench.standIn.url)).toBe(true);

      await bench.warehouse.beginRebuild('abandoned');
      await bench.warehouse.discardRebuild('abandoned');
      await bench.warehouse.beginRebuild('first');
      for (const step of stepsOf(bench, { ...newLoad(DAY), isRebuild: true }, 'rebuild')) await step.run();
      expect(await stations(), 'readers keep the old one').toEqual([]);
      const INCOMPLETE = `select count(*)::int from information_schema.columns
        where table_schema = 'public' and table_name = 'coverage' and column_name = 'incomplete'`;
      expect(await column(bench.url, INCOMPLETE), 'views too').toEqual([0]);
      expect(await bench.warehouse.exchange('first')).toEqual([]);
      await bench.warehouse.dropReplaced();
      expect(await column(bench.url, TYPES)).toEqual(['bigint']);
      expect(await stations()).toEqual([NUMBER, OWN_NUMBER]);
      expect(await column(bench.url, INCOMPLETE), 'views of later migrations come with the tables').toEqual([
        1,
      ]);

      await bench.warehouse.migrate();
      expect(await awaitsRebuild(bench.standIn.url)).toBe(false);
      await loadDay(bench, DAY, 'again');
      expect(await stations()).toEqual([NUMBER, OWN_NUMBER]);
      expect(await column(bench.url, `select name from ladepuls.migration where version = 9`)).toEqual([
        BIGINT_IDS,
      ]);
    });

    it('renames published tables that hold days, and those of a rebuild that was begun before', async () => {
      await bench.warehouse.migrate();
      await putStations(bench.raw);
      await loadDay(bench, DAY);
      await bench.warehouse.beginRebuild('earlier');
      const renamed = ['charging_station', 'charging_point', 'connector'];
      await query(
        bench.url,
        ...['ops', 'rebuilt_ops'].flatMap((ops) =>
          renamed.map((name) => `alter table ${ops}.${name}_content_span rename to ${name}_run`),
        ),
        'delete from ladepuls.migration where version = 10',
      );
      await bench.warehouse.migrate();
      expect(await bench.warehouse.awaitsRebuild()).toBe(false);
      const tables = `select schemaname || '.' || tablename from pg_tables
        where schemaname in ('ops', 'rebuilt_ops') and tablename similar to '%(_run|_content_span)' order by 1`;
      expect(await column(bench.url, tables)).toEqual(
        ['ops', 'rebuilt_ops'].flatMap((ops) => renamed.map((name) => `${ops}.${name}_content_span`).sort()),
      );
      for (const step of stepsOf(bench, { ...newLoad(DAY), isRebuild: true }, 'rebuild')) await step.run();
      expect(await bench.warehouse.exchange('earlier')).toEqual([]);
      await loadDay(bench, DAY, 'again');
      expect(await stations()).toEqual([NUMBER, OWN_NUMBER]);
    });

    it('refuses days of a rebuild that an earlier version has begun', async () => {
      await makeEarlier(bench);
      await putStations(bench.raw);
      await query(
        bench.url,
        `insert into ops.day_revision values ('${DAY}', 1, now() - interval '1 hour', 'earlier', 'earlier')`,
      );
      await bench.warehouse.migrate();
      await bench.warehouse.beginRebuild('first');
      await query(bench.url, 'delete from ladepuls.rebuilt_migration');
      await expect(bench.warehouse.open({ ...newLoad(DAY), isRebuild: true })).rejects.toThrow(
        'An earlier version of Ladepuls began this rebuild',
      );
    });
  },
);

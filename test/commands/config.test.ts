import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTable, writeTable } from '../../src/commands/config/decisions.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { collectorId } from '../../src/stores/collectionLog.js';
import { keysBelow } from '../importing/rawStore.js';
import { point, station } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from '../warehouse/support/loads.js';
import { column } from '../warehouse/support/query.js';
import { showTimeline } from '../warehouse/support/timeline.js';
import { Command } from './support/command.js';

const DAY = '2022-01-11';

let bench: LoadBench;
let folder: string;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-config-'));
  const shown = (status: string, slot: number) => [
    station('1', [point('11', status)], {
      operator: { name: slot < 72 ? 'Rhein, Energie' : 'RheinEnergie' },
    }),
  ];
  await showTimeline(bench, DAY, 'a*72 n*72', { shown });
  await loadDay(bench, DAY);
  return async () => {
    await remove();
    await rm(folder, { recursive: true, force: true });
  };
});

function config(...args: string[]) {
  return configOf(args, {});
}

async function configOf(args: string[], env: Record<string, string>) {
  const command = new Command(['config', ...args], { DATABASE_URL: bench.url, ...env }, folder);
  return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
}

async function file(content: string): Promise<string> {
  await writeFile(join(folder, 'table.csv'), content);
  return 'table.csv';
}

describe('what people decide', () => {
  it('is exported with what waits for a decision, and comes back as it was edited', async () => {
    const exported = await config('export', 'operator_spelling');
    expect(exported.stdout).toBe(
      'spelling,operator\n"Rhein, Energie","Rhein, Energie"\nRheinEnergie,RheinEnergie\n',
    );
    const edited = exported.stdout.replace(/,"Rhein, Energie"\n/, ',RheinEnergie\n');
    const { code, stderr } = await config('import', 'operator_spelling', await file(edited));
    expect([code, stderr]).toEqual([
      0,
      'config.operator_spelling has 2 rows now. They apply to all days, also to past days, without a load.\n',
    ]);
    expect(await column(bench.url, 'select distinct operator from charging_point_as_was')).toEqual([
      'RheinEnergie',
    ]);
    expect((await config('export', 'operator_spelling')).stdout).toBe(edited);
  });

  it('says what statuses stand for, also those that nobody has heard of', async () => {
    const exported = await config('export', 'status_group');
    expect(exported.stdout).toContain('AVAILABLE,available,false\n');
    expect(exported.stdout).toContain('NEVER_HEARD_OF,unknown,false\n');
    const edited = exported.stdout.replace('NEVER_HEARD_OF,unknown', 'NEVER_HEARD_OF,out_of_service');
    await config('import', 'status_group', await file(edited));
    expect(await column(bench.url, 'select uptime from utilization_day')).toEqual([0.5]);
  });

  it('is copied at once to the raw store that is collected into, and to no other', async () => {
    const csv = 'spelling,operator\nRheinEnergie,RE\n';
    const env = { RAW_STORE: bench.raw.url };
    expect(await keysBelow(bench.raw, 'config/')).toEqual([]);
    await config('import', 'operator_spelling', await file(csv));
    expect(existsSync(join(folder, '.ladepuls', 'raw'))).toBe(false);
    await collectorId(bench.raw);
    expect(await configOf(['import', 'operator_spelling', await file(csv)], env)).toMatchObject({ code: 0 });
    const [key = ''] = await keysBelow(bench.raw, 'config/');
    expect((await bench.raw.get(key)).toString()).toBe('spelling,operator\n"RheinEnergie","RE"\n');
  });

  it('is in the warehouse where the raw store is down, and says that it is copied later', async () => {
    const env = {
      RAW_STORE: 's3://bucket/raw',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    };
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-central-1' };
    const csv = await file('spelling,operator\nRheinEnergie,later\n');
    const { code, stderr } = await configOf(['import', 'operator_spelling', csv], { ...env, ...keys });
    expect(code).toBe(0);
    expect(stderr).toContain('config.operator_spelling has 1 row now');
    expect(stderr).toContain('a worker copies them as soon as it can.');
    expect(await column(bench.url, 'select operator from config.operator_spelling')).toEqual(['later']);
  });

  it('stays as it is where a file is refused', async () => {
    const before = await config('export', 'status_group');
    const { code, stderr } = await config(
      'import',
      'status_group',
      await file('status,status_group,is_charging\nAVAILABLE,free,no\n'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('The table was not changed.');
    expect(stderr).toContain(
      'line 2, status_group: it must be available, occupied, out_of_service or unknown',
    );
    expect(stderr).toContain('line 2, is_charging: it must be true or false');
    expect(await config('export', 'status_group')).toEqual(before);
  });

  it('is refused where there is no such file or table', async () => {
    expect((await config('import', 'status_group', 'nowhere.csv')).stderr).toContain(
      "nowhere.csv can't be read",
    );
    expect((await config('import', 'stations', 'table.csv')).stderr).toContain(
      'Allowed choices are status_group, operator_spelling',
    );
  });
});

describe('ladepuls sql on a database that DATABASE_URL names', () => {
  const sql = async (settings: Record<string, string>, ...args: string[]) => {
    const command = new Command(['sql', ...args], { DATABASE_URL: bench.url, ...settings }, folder);
    return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
  };

  it('logs in by the address of readers', async () => {
    const settings = { LADEPULS_READER_URL: await openReaderLogin(bench.url) };
    expect(await sql(settings, '--csv', 'select session_user')).toMatchObject({
      code: 0,
      stdout: 'session_user\nladepuls_reader\n',
    });
    const url = new Command(['warehouse-url'], { DATABASE_URL: bench.url, ...settings }, folder);
    expect(await url.exited()).toBe(0);
    expect(url.stdout).toBe(`${settings.LADEPULS_READER_URL}\n`);
  });

  it('runs nothing without one, and says how to get it', async () => {
    const { code, stdout, stderr } = await sql({}, 'select 1');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/LADEPULS_READER_URL.*ALTER ROLE ladepuls_reader LOGIN PASSWORD/);
  });

  it('runs nothing as a role that may write', async () => {
    const { code, stderr } = await sql({ LADEPULS_READER_URL: bench.url }, 'select 1');
    expect(code).toBe(1);
    expect(stderr).toContain('the role "ladepuls" may write to the warehouse');
  });

  it('prints exact values, and harmless ones for spreadsheets', async () => {
    const settings = { LADEPULS_READER_URL: await openReaderLogin(bench.url) };
    const query = `select '=1+1' as "=text", -5 as number, -5.25 as share, array['@a'] as list, null as nothing`;
    expect((await sql(settings, '--csv', query)).stdout).toBe(
      '=text,number,share,list,nothing\n=1+1,-5,-5.25,"[""@a""]",\n',
    );
    expect((await sql(settings, '--csv', '--for-spreadsheets', query)).stdout).toBe(
      `'=text,number,share,list,nothing\n'=1+1,-5,-5.25,"[""@a""]",\n`,
    );
    expect((await sql(settings, '--for-spreadsheets', query)).stderr).toContain('Give both');
  });
});

describe('a table of decisions', () => {
  it('has no formula for a spreadsheet, and comes back as it was', () => {
    const rows = [{ spelling: '=cmd()', operator: '@Home' }];
    const written = writeTable('operator_spelling', rows);
    expect(written).toBe("spelling,operator\n'=cmd(),'@Home\n");
    expect(readTable('operator_spelling', written)).toEqual(rows);
    // Whoever writes the file by hand need not know of this.
    expect(readTable('operator_spelling', 'spelling,operator\n=cmd(),@Home\n')).toEqual(rows);
  });

  it('comes back as it was, whatever operators are called', () => {
    const name = fc
      .oneof(
        fc.string({
          unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', "'", '"', ',', ';', '1', 'a', ' '),
        }),
        fc.string({ unit: 'binary' }),
      )
      .map((text) => text.trim())
      .filter((text) => text !== '');
    const decisions = fc.uniqueArray(fc.record({ spelling: name, operator: name }), {
      minLength: 1,
      selector: ({ spelling }) => spelling,
    });
    fc.assert(
      fc.property(decisions, (rows) => {
        expect(readTable('operator_spelling', writeTable('operator_spelling', rows))).toEqual(rows);
      }),
    );
  });

  it('is read as spreadsheets write it', () => {
    const rows = [{ spelling: 'a;b', operator: 'Größe' }];
    expect(readTable('operator_spelling', '\uFEFFspelling;operator\r\n"a;b";Größe\r\n\r\n')).toEqual(rows);
    expect(readTable('operator_spelling', 'spelling,operator\n"a;b", Größe \n')).toEqual(rows);
  });

  it.each([
    ['', /The first line must be "spelling,operator"/],
    ['operator,spelling\na,b\n', /The first line must be "spelling,operator"/],
    ['spelling,operator\n', /The file has no row below the first line/],
    ['spelling,operator\na\n', /not valid CSV: Invalid Record Length/],
    ['spelling,operator\n"a,b\n', /not valid CSV: Quote Not Closed/],
    ['spelling,operator\na,\n', /line 2, operator: it must not be empty/],
    ['spelling,operator\na,b\nc,d\na,e\n', /line 4: "a" is in the file twice/],
    ['spelling,operator\n' + 'a,\n'.repeat(12), /and 2 more/],
  ])('%j is refused, and says why', (csv, message) => {
    expect(() => readTable('operator_spelling', csv)).toThrow(message);
  });
});

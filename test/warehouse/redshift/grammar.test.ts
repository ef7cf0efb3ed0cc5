import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dayBounds } from '../../../src/domain/day.js';
import { DECISION_TABLES } from '../../../src/warehouse/decisions.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { type ReportName, REPORTS, type RowKind } from '../../../src/serving/reports/names.js';
import {
  query,
  readDecisions,
  readFindings,
  readLoadedState,
  readLocations,
  replaceDecisions,
} from '../../../src/warehouse/open.js';
import { DAY, ZONE } from '../../cleaning/support/polls.js';
import { findUnparsable, whyNoSqlfluff } from '../../support/sqlfluff.js';
import { loadDay, newLoad, stepsOf } from '../support/loads.js';
import { showTimeline } from '../support/timeline.js';
import { bareStatement, findDenied } from './dialect/denied.js';
import { DAYS, putDays } from './support/days.js';
import { makeRedshiftBench, type RedshiftBench, whyNoRedshift } from './support/bench.js';

const MIGRATIONS = fileURLToPath(new URL('../../../sql/redshift/', import.meta.url));
const reason = whyNoRedshift ?? (await whyNoSqlfluff());

/** A day that is loaded before it is over. */
const UNDER_WAY = '2022-01-20';

async function loadInTwo(bench: RedshiftBench, day: string): Promise<void> {
  await showTimeline(bench, day, 'a*30 c*24');
  const { start } = dayBounds(day, ZONE);
  const at = (hours: number) => start + hours * 3_600_000;
  for (const step of stepsOf(bench, { ...newLoad(day), window: { from: start, to: at(5) } }))
    await step.run();
  for (const step of stepsOf(bench, { ...newLoad(day), window: { from: at(5), to: at(9) }, addsTo: 1 }))
    await step.run();
}

async function readReports(url: string): Promise<void> {
  const period = { from: DAY, to: UNDER_WAY };
  for (const [name, kinds] of Object.entries(REPORTS) as [ReportName, readonly RowKind[]][])
    for (const by of kinds) await readReport(url, name, { ...period, by });
  await readFindings(url, period, 10);
  await readLocations(url);
}

/** Run everything that the adapter can do. */
async function live(bench: RedshiftBench): Promise<void> {
  const { warehouse, standIn } = bench;
  await putDays(bench.raw);
  for (const day of DAYS) await loadDay(bench, day);
  await loadInTwo(bench, UNDER_WAY);
  for (const table of DECISION_TABLES)
    await replaceDecisions(standIn.url, table, [
      ...(await readDecisions(standIn.url, table)),
      ...(table === 'operator_spelling' ? [{ spelling: 'a', operator: 'b' }] : []),
    ]);
  const discarded = newLoad(DAY);
  for (const step of stepsOf(bench, discarded).slice(0, 3)) await step.run();
  await warehouse.discard(discarded);
  await warehouse.archivableDays('2030-01-01', 10);
  await warehouse.archiveDay(DAY, bench.flat);
  for (const step of stepsOf(bench, { ...newLoad(DAY), withoutFacts: true })) await step.run();
  await warehouse.beginRebuild('first');
  await warehouse.discardRebuild('first');
  await warehouse.beginRebuild('second');
  await warehouse.isArchived({ day: DAY, isRebuild: true });
  for (const day of [...DAYS, UNDER_WAY])
    for (const step of stepsOf(bench, { ...newLoad(day), isRebuild: true })) await step.run();
  expect(await warehouse.exchange('second')).toEqual([]);
  await warehouse.dropReplaced();
  expect(await warehouse.publishedDays()).toEqual([...DAYS, UNDER_WAY]);
  const state = await readLoadedState(standIn.url);
  expect(state).toMatchObject({ day: UNDER_WAY, days: 4, revision: 3 });
  await readReports(standIn.url);
  const { rows } = await query(
    standIn.url,
    'select count(*) as n, min(slot) as first from public.status_connectors',
    ZONE,
  );
  expect(rows).toEqual([[expect.any(Number), '2022-01-11 00:00:00+01']]);
  await expect(query(standIn.url, 'delete from ops.poll', ZONE)).rejects.toThrow('read-only');
}

describe.skipIf(reason !== null)(
  `the SQL that goes to Redshift${reason === null ? '' : `: skipped, ${reason}`}`,
  () => {
    it(
      'is Redshift’s by its grammar, and nothing of it is denied: every statement and migration',
      { timeout: 600_000 },
      async () => {
        const bench = await makeRedshiftBench({ isMigrated: false, isOnS3: true });
        onTestFinished(() => bench.remove());
        await bench.warehouse.migrate();
        await live(bench);
        const statements = distinct([...bench.standIn.statements]).filter(
          (sql) => !/delete from ops\.poll$/.test(sql),
        );
        expect(statements.length).toBeGreaterThan(100);
        expect(statements.filter((sql) => findDenied(sql).length > 0)).toEqual([]);

        const folder = temporaryFolder();
        for (const name of readdirSync(MIGRATIONS).filter((file) => file.endsWith('.sql')))
          copyFileSync(join(MIGRATIONS, name), join(folder, name));
        for (const [number, sql] of statements.entries())
          writeFileSync(join(folder, `${String(number).padStart(3, '0')}.sql`), `${unnamed(sql).trim()};\n`);
        expect(await findUnparsable(folder)).toEqual([]);
      },
    );

    it('would be found by the grammar if it were not', { timeout: 120_000 }, async () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'wrong.sql'), 'create tabel t (a int);\n');
      expect(await findUnparsable(folder)).toEqual([expect.stringContaining("unparsable section: 'create")]);
    });
  },
);

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-grammar-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Return a statement without the load's name, so that the next run sends the same statement. */
function unnamed(statement: string): string {
  return statement
    .replaceAll(/staging_\w+/g, 'staging_0')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '00000000-0000-0000-0000-000000000000');
}

/** Return one statement of each group that differs only by days, instants and names of loads. */
function distinct(statements: string[]): string[] {
  const byShape = new Map<string, string>();
  for (const statement of statements) {
    const shape = bareStatement(statement).replaceAll(/staging_\w+|\d+/g, '0');
    if (!byShape.has(shape)) byShape.set(shape, statement);
  }
  return [...byShape.values()];
}

import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { importFiles } from '../../../src/importing/importFiles.js';
import { sourceByName } from '../../../src/sources/registry.js';
import { type ReportName, REPORTS, type RowKind } from '../../../src/serving/reports/names.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { readFindings } from '../../../src/warehouse/open.js';
import type { Publication } from '../../../src/warehouse/warehouse.js';
import { ZONE } from '../../cleaning/support/polls.js';
import {
  ABSENT_HINT as POLLS_HINT,
  RECORDED_DAY,
  RECORDED_POLLS,
  RECORDED_POLLS_ARE_ABSENT,
} from '../../e2e/support/recordedPolls.js';
import { loadDay } from '../support/loads.js';
import { digest, query } from '../support/query.js';
import { makeRecordedBench } from '../support/recorded.js';
import { measuresOf } from './support/measures.js';
import { ABSENT_HINT, makeRedshiftBench, type RedshiftBench, whyNoRedshift } from './support/bench.js';

const TITLE = `two recorded polls of all feeds, on Redshift${POLLS_HINT || ABSENT_HINT}`;

describe.skipIf(RECORDED_POLLS_ARE_ABSENT || whyNoRedshift !== null)(TITLE, { timeout: 180_000 }, () => {
  let bench: RedshiftBench;
  let publication: Publication;
  beforeAll(async () => {
    bench = await makeRedshiftBench({ isOnS3: true });
    await importFiles(RECORDED_POLLS, {
      store: bench.raw,
      source: sourceByName('chargecloud'),
      timeZone: ZONE,
      intervalMinutes: 10,
    });
    publication = await loadDay(bench, RECORDED_DAY);
    return () => bench.remove();
  }, 180_000);

  it('are all their facts, and nothing is quarantined', () => {
    expect(publication).toEqual({
      day: RECORDED_DAY,
      revision: 1,
      polls: 76,
      chargingPointFacts: 4856,
      connectorFacts: 5622,
      quarantined: 0,
      unreadable: 0,
    });
  });

  it('make the golden numbers of rows', async () => {
    const counts = await query(
      bench.url,
      `select (select count(*)::int from status_chargingpoints) as charging_point_facts,
         (select count(distinct id_status_cp)::int from status_chargingpoints) as charging_point_keys,
         (select count(*)::int from status_connectors) as connector_facts,
         (select count(distinct id_status_connectors)::int from status_connectors) as connector_keys,
         (select count(*)::int from time) as times,
         (select count(*)::int from charging_station) as stations,
         (select count(*)::int from charging_point) as charging_points,
         (select count(*)::int from connector) as connectors,
         (select count(*)::int from charging_station_history) as station_versions,
         (select count(*)::int from charging_point_history) as charging_point_versions,
         (select count(*)::int from connector_history) as connector_versions,
         (select count(*)::int from status_chargingpoints_as_was) as charging_point_facts_as_was,
         (select count(*)::int from status_connectors_as_was) as connector_facts_as_was`,
    );
    expect(counts).toEqual([
      {
        charging_point_facts: 4856,
        charging_point_keys: 4856,
        connector_facts: 5622,
        connector_keys: 5622,
        times: 25,
        stations: 1162,
        charging_points: 2428,
        connectors: 2811,
        station_versions: 1162,
        charging_point_versions: 2428,
        connector_versions: 2811,
        charging_point_facts_as_was: 4856,
        connector_facts_as_was: 5622,
      },
    ]);
  });

  it('have the measures that they have on Postgres, row for row', async () => {
    const postgres = await makeRecordedBench();
    onTestFinished(postgres.remove);
    const expected = await measuresOf(postgres.url);
    expect(expected.utilization_hour?.length).toBeGreaterThan(2428);
    expect(expected.charging_event?.length).toBe(426);
    expect(await measuresOf(bench.url)).toEqual(expected);
  });

  it('make the reports that they make on Postgres', async () => {
    const postgres = await makeRecordedBench();
    onTestFinished(postgres.remove);
    const period = { from: RECORDED_DAY, to: RECORDED_DAY };
    for (const [name, kinds] of Object.entries(REPORTS) as [ReportName, readonly RowKind[]][])
      for (const by of kinds) {
        const expected = await readReport(postgres.url, name, { ...period, by });
        expect(await readReport(bench.standIn.url, name, { ...period, by }), `${name} by ${by}`).toEqual(
          expected,
        );
      }
    const findings = await readFindings(postgres.url, period, 100);
    expect(findings.length).toBeGreaterThan(100);
    expect(await readFindings(bench.standIn.url, period, 100)).toEqual(findings);
  });

  it('are the same, row for row, after they are loaded twice more, side by side', async () => {
    const before = await digest(bench.url);
    const atOnce = await Promise.all([loadDay(bench, RECORDED_DAY), loadDay(bench, RECORDED_DAY)]);
    expect(atOnce.map(({ revision }) => revision).sort()).toEqual([2, 3]);
    expect(await digest(bench.url)).toEqual(before);
  });
});

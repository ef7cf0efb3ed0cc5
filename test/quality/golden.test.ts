import { describe, expect, it } from 'vitest';
import { importFiles } from '../../src/importing/importFiles.js';
import { sourceByName } from '../../src/sources/registry.js';
import { ZONE } from '../cleaning/support/polls.js';
import {
  ABSENT_HINT,
  RECORDED_DAY,
  RECORDED_POLLS,
  RECORDED_POLLS_ARE_ABSENT,
} from '../e2e/support/recordedPolls.js';
import { loadDay, openBench } from '../warehouse/support/loads.js';
import { query } from '../warehouse/support/query.js';

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`the quality of two recorded polls${ABSENT_HINT}`, () => {
  it('is what each rule finds in it', async () => {
    const bench = await openBench();
    await importFiles(RECORDED_POLLS, {
      store: bench.raw,
      source: sourceByName('chargecloud'),
      timeZone: ZONE,
      intervalMinutes: 10,
    });
    await loadDay(bench, RECORDED_DAY);
    const found = await query(
      bench.url,
      `select rule, checked::int, failed::int, passes from quality join ops.quality_rule using (rule) order by rank`,
    );
    // Two polls are too few to tell whether a feed moves.
    expect(found.map((row) => Object.values(row))).toEqual([
      ['answers_readable', 76, 0, true],
      ['records_kept', 12802, 0, true],
      ['slots_stored', 5472, 5396, false],
      ['timestamp_plausible', 76, 0, true],
      ['status_known', 2428, 0, true],
      ['connector_agrees', 4856, 0, true],
      ['station_mix', 1162, 27, true],
      ['fields_readable', 6401, 0, true],
      ['station_complete', 1162, 0, true],
      ['station_has_points', 1162, 0, true],
      ['point_has_connectors', 2428, 0, true],
      ['evse_id_form', 2428, 56, false],
      ['evse_id_unique', 2428, 0, true],
      ['postal_code', 1162, 0, true],
      ['in_germany', 1162, 0, true],
      ['known_values', 2811, 0, true],
      ['power_plausible', 2811, 0, true],
      ['current_plausible', 2811, 3, true],
      ['power_consistent', 2809, 17, true],
    ]);
    const findings = await query(
      bench.url,
      `select id, value, failed::int from ops.quality_finding where rule = 'current_plausible' order by id`,
    );
    expect(findings.map(({ id, value, failed }) => [id, value, failed])).toEqual([
      ['235631294', '0 A, 0 V', 1],
      ['235631295', '0 A, 0 V', 1],
      ['240650321', '1111 A, 12 V', 1],
    ]);
  });
});

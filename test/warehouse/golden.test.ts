import { beforeAll, describe, expect, it } from 'vitest';
import { ABSENT_HINT, RECORDED_POLLS_ARE_ABSENT } from '../e2e/support/recordedPolls.js';
import type { LoadBench } from './support/loads.js';
import { query } from './support/query.js';
import { makeRecordedBench } from './support/recorded.js';

describe.skipIf(RECORDED_POLLS_ARE_ABSENT)(`what two recorded polls say${ABSENT_HINT}`, () => {
  let bench: LoadBench;
  beforeAll(async () => {
    const { remove, ...made } = await makeRecordedBench();
    bench = made;
    return remove;
  }, 60_000);

  it('of quality is what each rule finds', async () => {
    const found = await query(
      bench.url,
      `select rule, checked::int, failed::int, passes from quality join ops.quality_rule using (rule) order by rank`,
    );
    // The rule about feeds that do not change needs more than two polls.
    expect(found.map((row) => Object.values(row))).toEqual([
      ['answers_readable', 76, 0, true],
      ['records_kept', 12802, 0, true],
      ['slots_stored', 5472, 5396, false],
      ['poll_not_empty', 76, 0, true],
      ['poll_not_shrunk', 76, 0, true],
      ['poll_ids_readable', 76, 0, true],
      ['timestamp_plausible', 76, 0, true],
      ['answers_fresh', 76, 0, true],
      ['charset_declared', 76, 0, true],
      ['status_known', 2428, 0, true],
      ['connector_agrees', 4856, 0, true],
      ['station_mix', 1162, 27, true],
      ['fields_readable', 6401, 0, true],
      ['station_complete', 1162, 0, true],
      ['station_steady', 1162, 0, true],
      ['point_steady', 2428, 0, true],
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

  // The expected numbers were counted in the files, poll by poll, each as ten minutes.
  it('of parking spaces is how long vehicles stood there', async () => {
    const [sums] = await query(
      bench.url,
      `select count(*)::int as points, sum(observed_minutes)::int as observed, sum(vehicle_minutes)::int as vehicle,
         sum(blocked_minutes)::int as blocked, sum(contradictory_minutes)::int as contradictory
       from parking_day`,
    );
    expect(sums).toEqual({ points: 89, observed: 1780, vehicle: 380, blocked: 260, contradictory: 100 });
  });

  it('of stations is how many of their charging points were occupied at once, and how long none was left', async () => {
    const [sums] = await query(
      bench.url,
      `select count(*)::int as stations, sum(charging_points)::int as points, sum(peak_occupied)::int as peaks,
         sum(observed_minutes)::int as observed, sum(taken_minutes)::int as taken,
         count(nullif(taken_minutes, 0))::int as ever_taken
       from station_day`,
    );
    expect(sums).toEqual({
      stations: 1162,
      points: 2428,
      peaks: 454,
      observed: 23_240,
      taken: 1830,
      ever_taken: 96,
    });
  });
});

import type { QualityRule } from '../rule.js';

/** Minimum of charging points of a feed, and of observed minutes on average, for which some status must change. */
const LEAST = { points: 10, minutes: 12 * 60 };

export const feedMoves: QualityRule = {
  name: 'feed_moves',
  meaning: `In a feed of ${LEAST.points} and more charging points that is observed for ${LEAST.minutes / 60} hours, some status changes: else it is frozen.`,
  subject: 'feed',
  severity: 'warning',
  threshold: 0,
  readsIntervals: true,
  examine: `
    select feed, feed as id, 'nothing has changed at ' || cast(count(*) as varchar(32)) || ' charging points' as value, 1 as checked,
      case when max(statuses) > 1 then 0 else 1 end as failed
    from (
      select point.feed, point.id_cp, count(distinct shown.status) as statuses,
        sum(extract(epoch from shown.end_at) - extract(epoch from shown.start_at)) / 60 as minutes
      from seen_charging_point point join new_status_interval shown on shown.id_cp = point.id_cp
      group by point.feed, point.id_cp
    ) observed
    group by feed
    having count(*) >= ${LEAST.points} and avg(minutes) >= ${LEAST.minutes}`,
};

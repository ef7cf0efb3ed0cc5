import type { QualityRule } from '../rule.js';

export const stationMix: QualityRule = {
  name: 'station_mix',
  meaning: 'A station shows more in the day than statuses that mean unknown or out of service.',
  subject: 'charging_station',
  severity: 'notice',
  threshold: 0.1,
  readsIntervals: true,
  examine: `
    select station.feed, cast(station.id_cs as varchar(512)) as id, max(shown.status) as value, 1 as checked,
      min(case when meaning.status_group in ('available', 'occupied') then 0 else 1 end) as failed
    from seen_charging_station station
    join seen_charging_point point on point.id_cs = station.id_cs
    join new_status_interval shown on shown.id_cp = point.id_cp
    left join config.status_group meaning on meaning.status = shown.status
    group by station.feed, station.id_cs`,
};

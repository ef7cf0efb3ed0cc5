import type { PeriodQuery, QualityFinding, QualityMeasures, QualityRollUp } from '../measures.js';
import { readPeriod, TIME_KEYS } from './period.js';

const KEYS: Record<QualityRollUp, string> = {
  rule: 'rule',
  severity: 'severity',
  feed: 'feed',
  ...TIME_KEYS,
};

/** A rule is judged day by day, over what is summed up: a feed, or all of them. */
const statement = (by: QualityRollUp) => `
  with found as (
    select quality.day, rule, checked, failed, threshold, severity, meaning, (day - $1::date) / $3::int + 1 as bucket,
      ${KEYS[by]} as key
    from ops.quality join ops.quality_rule using (rule) where day between $1 and $2
  ), judged as (
    select grouping(key) = 1 as is_total, case when grouping(key) = 1 then '' else key end as key, bucket,
      sum(checked) as checked, sum(failed) as failed,
      case when sum(failed) > max(threshold) * sum(checked) then 1 else 0 end as broken,
      max(threshold) as threshold, max(severity) as severity, max(meaning) as meaning
    from found group by grouping sets ((day, rule, bucket), (day, rule, bucket, key))
  )
  select is_total as "isTotal", key, null as label, case when grouping(bucket) = 1 then 0 else bucket end as bucket,
    sum(checked)::float8 as checked, sum(failed)::float8 as failed, sum(broken)::int as broken,
    ${['threshold', 'severity', 'meaning'].map((column) => `case when ${by === 'rule'} and not is_total then max(${column}) end as ${column}`).join(', ')}
  from judged group by grouping sets ((is_total, key), (is_total, key, bucket))
  order by key, bucket`;

const FINDINGS = `
  select rule, severity, found.feed, subject, found.id,
    nullif(concat_ws(', ', point.evse_id, station.name, station.city), '') as label,
    value, failed::float8 as failed, days
  from (
    select *, row_number() over (partition by rule order by failed desc, feed, id) as place
    from (
      select rule, feed, id, (array_agg(value order by day desc))[1] as value, sum(failed) as failed, count(*)::int as days
      from ops.quality_finding where day between $1 and $2 group by rule, feed, id
    ) summed
  ) found
  join ops.quality_rule using (rule)
  left join connector on subject = 'connector' and id_connector = found.id
  left join charging_point as point
    on point.id_cp = case subject when 'charging_point' then found.id when 'connector' then connector.id_cp end
  left join charging_station as station
    on station.id_cs = case subject when 'charging_station' then found.id::int else point.id_cs end
  where place <= $3
  order by array_position(array['severe', 'warning', 'notice'], severity::text), rank, place`;

/** Reads what rules of quality found in a period; see {@link QualityMeasures}. */
export async function readQuality(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<QualityRollUp>,
): Promise<QualityMeasures[]> {
  return readPeriod(url, statement(by), [from, to, bucketDays]);
}

/** Reads what was wrong most often in a period, at most so many of each rule, the severest rules first. */
export async function readFindings(
  url: string,
  { from, to }: { from: string; to: string },
  ofEachRule: number,
): Promise<QualityFinding[]> {
  return readPeriod(url, FINDINGS, [from, to, ofEachRule]);
}

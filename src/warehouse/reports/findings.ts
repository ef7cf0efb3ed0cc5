import type { PeriodQuery, QualityFinding, QualityMeasures, QualityRollUp } from '../measures.js';
import { asText, joined, readPeriod, TIME_KEYS } from './period.js';

const KEYS: Record<QualityRollUp, string> = {
  rule: 'quality.rule',
  severity: 'severity',
  feed: 'feed',
  ...TIME_KEYS,
};

/**
 * Return the statement for {@link readQuality}. A rule is evaluated for each day, over the rows that are summed: one
 * feed or all feeds.
 */
const statement = (by: QualityRollUp) => `
  with found as (
    select quality.day, quality.rule, checked, failed, threshold, severity, meaning,
      (day - $1::date) / $3::int + 1 as bucket_of_day, ${KEYS[by]} as key_of_row
    from ops.quality as quality join ops.quality_rule as expected on expected.rule = quality.rule
    where day between $1 and $2
  ), judged as (
    select case when grouping(key_of_row) = 1 then 1 else 0 end as all_keys,
      case when grouping(key_of_row) = 1 then '' else key_of_row end as key, bucket_of_day,
      sum(checked) as checked, sum(failed) as failed,
      case when sum(failed) > max(threshold) * sum(checked) then 1 else 0 end as broken,
      max(threshold) as threshold, max(severity) as severity, max(meaning) as meaning
    from found group by grouping sets ((day, rule, bucket_of_day), (day, rule, bucket_of_day, key_of_row))
  )
  select all_keys = 1 as is_total, key, null as label,
    case when grouping(bucket_of_day) = 1 then 0 else bucket_of_day end::int as bucket,
    sum(checked)::float8 as checked, sum(failed)::float8 as failed, sum(broken)::int as broken,
    ${['threshold', 'severity', 'meaning'].map((column) => `${by === 'rule' ? `case when all_keys = 0 then max(${column}) end` : 'null'} as ${column}`).join(', ')}
  from judged group by grouping sets ((all_keys, key), (all_keys, key, bucket_of_day))
  order by key, bucket`;

const FINDINGS = `
  with summed as (
    select rule, feed, id, sum(failed) as failed, count(*)::int as days, max(day) as last_day
    from ops.quality_finding where day between $1 and $2 group by rule, feed, id
  ), found as (
    select rule, feed, id, failed, days, last_day, row_number() over (partition by rule order by failed desc, feed, id) as rank
    from summed
  )
  select found.rule, expected.severity, found.feed, expected.subject, found.id,
    nullif(${joined('point.evse_id', 'station.name', 'station.city')}, '') as label,
    latest.value, found.failed::float8 as failed, found.days
  from found
  join ops.quality_finding as latest
    on latest.day = found.last_day and latest.rule = found.rule and latest.feed = found.feed and latest.id = found.id
  join ops.quality_rule as expected on expected.rule = found.rule
  left join public.connector as connector on expected.subject = 'connector' and connector.id_connector = found.id
  left join public.charging_point as point
    on point.id_cp = case expected.subject when 'charging_point' then found.id when 'connector' then connector.id_cp end
  left join public.charging_station as station
    on ${asText('station.id_cs')} = case expected.subject when 'charging_station' then found.id else ${asText('point.id_cs')} end
  where found.rank <= $3
  order by case expected.severity when 'severe' then 1 when 'warning' then 2 else 3 end, expected.rank, found.rank`;

type Row = Omit<QualityMeasures, 'isTotal'> & { is_total: boolean };

/** Read the results of quality rules in a period; see {@link QualityMeasures}. */
export async function readQuality(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<QualityRollUp>,
): Promise<QualityMeasures[]> {
  const rows = await readPeriod<Row>(url, statement(by), [from, to, bucketDays]);
  return rows.map(({ is_total: isTotal, ...row }) => ({ isTotal, ...row }));
}

/**
 * Read the most frequent violations of quality rules in a period, at most `ofEachRule` for each rule. The most severe
 * rules come first.
 */
export async function readFindings(
  url: string,
  { from, to }: { from: string; to: string },
  ofEachRule: number,
): Promise<QualityFinding[]> {
  return readPeriod(url, FINDINGS, [from, to, ofEachRule]);
}

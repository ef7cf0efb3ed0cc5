import type { ChangeMeasures, ChangeRollUp, PeriodQuery } from '../measures.js';
import { readPeriod, TIME_KEYS } from './period.js';

const KEYS: Record<ChangeRollUp, string> = {
  city: 'station.city',
  entity: 'change.entity',
  attribute: 'attribute',
  station: 'change.id_cs::text',
  operator: 'coalesce(spelling.operator, station.operator_name)',
  feed: 'change.feed',
  ...TIME_KEYS,
};

/** What changed has one or more attributes; what appeared, came back as it was, or was retired has none. */
const ATTRIBUTES = `cross join lateral unnest(coalesce(nullif(string_to_array(change.attributes, ','), '{}'), array[null])) as attribute`;

const countOf = (kind: string) =>
  `(count(distinct (entity, id, at)) filter (where kind = '${kind}'))::int as ${kind}`;

const statement = (by: ChangeRollUp) => `
  with found as (
    select change.entity, change.id, change.at, kind, (day - $1::date) / $3::int + 1 as bucket, coalesce(${KEYS[by]}, '') as key
    from public.change
    left join charging_station as station on station.id_cs = change.id_cs
    left join config.operator_spelling as spelling on spelling.spelling = station.operator_name
    ${by === 'attribute' ? ATTRIBUTES : ''}
    where day between $1 and $2
  ), counted as (
    select grouping(key) = 1 as "isTotal", case when grouping(key) = 1 then '' else key end as key,
      case when grouping(bucket) = 1 then 0 else bucket end as bucket,
      ${['appeared', 'changed', 'returned', 'retired'].map(countOf).join(', ')}
    from found
    group by grouping sets ((), (bucket), (key), (key, bucket))
  )
  select "isTotal", key, ${by === 'station' ? `concat_ws(', ', station.name, station.address, station.city)` : 'null'} as label,
    bucket, appeared, changed, returned, retired
  from counted
  ${by === 'station' ? `left join charging_station as station on station.id_cs = nullif(key, '')::int` : ''}
  where appeared + changed + returned + retired > 0
  order by key, bucket`;

/** Reads the changes of master data in a period; see {@link ChangeMeasures}. */
export async function readChanges(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<ChangeRollUp>,
): Promise<ChangeMeasures[]> {
  return readPeriod(url, statement(by), [from, to, bucketDays]);
}

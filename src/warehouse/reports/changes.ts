import { CONNECTOR_COLUMNS, POINT_COLUMNS, STATION_COLUMNS } from '../../domain/flatFiles.js';
import type { ChangeMeasures, ChangeRollUp, PeriodQuery } from '../measures.js';
import { asText, joined, readPeriod, TIME_KEYS } from './period.js';

const KEYS: Record<ChangeRollUp, string> = {
  city: 'station.city',
  entity: 'change.entity',
  attribute: `split_part(change.attributes, ',', position.n)`,
  station: asText('change.id_cs'),
  operator: 'coalesce(spelling.operator, station.operator_name)',
  feed: 'change.feed',
  ...TIME_KEYS,
};

/** Greatest number of attributes that can change at once. */
const MOST_ATTRIBUTES = Math.max(
  ...[STATION_COLUMNS, POINT_COLUMNS, CONNECTOR_COLUMNS].map(({ length }) => length),
);
const POSITIONS = Array.from({ length: MOST_ATTRIBUTES }, (_, n) => `select ${n + 1} as n`).join(
  ' union all ',
);
/**
 * Join that makes one row for each changed attribute. Entities that appeared, returned unchanged or were retired have
 * no changed attribute.
 */
const ATTRIBUTES = `left join (${POSITIONS}) as position on split_part(change.attributes, ',', position.n) <> ''`;

/**
 * Expression that counts changes of a kind. A change of two attributes counts once, whichever attribute it is counted
 * by.
 */
const countOf = (kind: string) =>
  `count(distinct case when kind = '${kind}' then number end)::int as ${kind}`;

const statement = (by: ChangeRollUp) => `
  with change as (
    select entity, id, at, day, kind, attributes, id_cs, feed,
      row_number() over (order by entity, id, at, kind) as number
    from public.change where day between $1 and $2
  ), found as (
    select change.number, change.kind, (day - $1::date) / $3::int + 1 as bucket_of_day, coalesce(${KEYS[by]}, '') as key_of_row
    from change
    left join public.charging_station as station on station.id_cs = change.id_cs
    left join config.operator_spelling as spelling on spelling.spelling = station.operator_name
    ${by === 'attribute' ? ATTRIBUTES : ''}
  ), counted as (
    select grouping(key_of_row) = 1 as is_total, case when grouping(key_of_row) = 1 then '' else key_of_row end as key,
      case when grouping(bucket_of_day) = 1 then 0 else bucket_of_day end::int as bucket,
      ${['appeared', 'changed', 'returned', 'retired'].map(countOf).join(', ')}
    from found
    group by grouping sets ((), (bucket_of_day), (key_of_row), (key_of_row, bucket_of_day))
  )
  select is_total, key, ${by === 'station' ? joined('station.name', 'station.address', 'station.city') : 'null'} as label,
    bucket, appeared, changed, returned, retired
  from counted
  ${by === 'station' ? `left join public.charging_station as station on ${asText('station.id_cs')} = counted.key` : ''}
  where appeared + changed + returned + retired > 0
  order by key, bucket`;

type Row = Omit<ChangeMeasures, 'isTotal'> & { is_total: boolean };

/** Read the changes of master data in a period; see {@link ChangeMeasures}. */
export async function readChanges(
  url: string,
  { from, to, by, bucketDays }: PeriodQuery<ChangeRollUp>,
): Promise<ChangeMeasures[]> {
  const rows = await readPeriod<Row>(url, statement(by), [from, to, bucketDays]);
  return rows.map(({ is_total: isTotal, ...row }) => ({ isTotal, ...row }));
}

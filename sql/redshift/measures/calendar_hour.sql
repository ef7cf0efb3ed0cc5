-- Every hour from the first day that is loaded to the end of the last one, as far as that is loaded.
-- Not Postgres' text: Redshift has no generate_series() that tables can be joined with, but the numbers of ladepuls.step, 0 to
-- 1499. DATEADD is given UTC's time: of a timestamptz, it would take the session's.

-- How many hours are missing before the first that is known, and from the first that is not known behind the last.
select
  ((extract(epoch from edge.first_hour) - extract(epoch from edge.day_hour)) / 3600)::int as hours_before,
  edge.next_hour,
  ((extract(epoch from edge.hours_end) - extract(epoch from edge.next_hour)) / 3600)::int as hours_behind
from (
  select
    date_trunc('hour', :day_start at time zone 'UTC') at time zone 'UTC' as day_hour,
    coalesce(min(hour), date_trunc('hour', :day_start at time zone 'UTC') at time zone 'UTC') as first_hour,
    coalesce(
      dateadd(hour, 1, max(hour) at time zone 'UTC') at time zone 'UTC',
      date_trunc('hour', :day_start at time zone 'UTC') at time zone 'UTC'
    ) as next_hour,
    least(:hours_end, date_trunc('hour', sysdate) at time zone 'UTC') as hours_end
  from calendar_hour
) as edge;

insert into calendar_hour (hour, day, hour_of_day, weekday, week, month, year)
with missing as (
  select
    dateadd(hour, many.step * 1500 + one.step, date_trunc('hour', :day_start at time zone 'UTC')) at time zone 'UTC' as hour
  from ladepuls.step as many
  cross join ladepuls.step as one
  where many.step <= :hours_before / 1500 and many.step * 1500 + one.step < :hours_before
  union all
  select dateadd(hour, many.step * 1500 + one.step, :next_hour at time zone 'UTC') at time zone 'UTC'
  from ladepuls.step as many
  cross join ladepuls.step as one
  where many.step <= :hours_behind / 1500 and many.step * 1500 + one.step < :hours_behind
), placed as (
  select
    hour,
    hour at time zone :time_zone as local
  from missing
)
select
  hour,
  local::date,
  extract(hour from local),
  extract(dow from local),
  extract(week from local),
  extract(month from local),
  extract(year from local)
from placed;

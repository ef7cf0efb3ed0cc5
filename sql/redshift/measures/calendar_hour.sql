-- Add every missing hour from the first loaded day to the end of the last loaded day. If that day is not over, stop at
-- the end of its last loaded hour.
--
-- The file for Postgres uses generate_series(), which can't be joined with tables on Redshift. This file uses the
-- numbers 0 to 1499 of the table ladepuls.step. DATEADD gets timestamps in UTC, because DATEADD adds to a timestamptz
-- in the session's time zone.

-- Number of hours that are missing before the first known hour and after the last one.
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

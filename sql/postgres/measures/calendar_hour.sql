-- Add every missing hour from the first loaded day to the end of the last loaded day. If that day is not over, stop at
-- the end of its last loaded hour.
--
-- Redshift has a file of its own, because its generate_series() can't be joined with tables.
insert into calendar_hour (hour, day, hour_of_day, weekday, week, month, year)
with known as (
  select
    min(hour) as first_hour,
    max(hour) as last_hour
  from calendar_hour
), missing as (
  select generate_series(
    date_trunc('hour', :day_start, 'UTC'), first_hour - interval '1 hour', interval '1 hour'
  ) as hour
  from known
  union all
  select generate_series(
    coalesce(last_hour + interval '1 hour', date_trunc('hour', :day_start, 'UTC')),
    least(:hours_end, date_trunc('hour', now(), 'UTC')) - interval '1 hour',
    interval '1 hour'
  )
  from known
)
select
  hour,
  local::date,
  extract(hour from local),
  extract(dow from local),
  extract(week from local),
  extract(month from local),
  extract(year from local)
from missing
cross join lateral (select hour at time zone :time_zone as local) as converted;

-- Minutes of each hour in which a charging point was observed to have a status: the part of its published intervals
-- within the hour. An addition changes no hour before the one in which it begins. The current hour is left to the next
-- addition.
--
-- Differs from the file for Postgres, which makes the hours of each interval with generate_series() in LATERAL. Here,
-- the hours come from calendar_hour.
delete from status_hour where day = :day and hour >= :hours_start;

insert into status_hour (day, hour, id_cp, status, minutes)
select
  status_interval.day,
  held.hour,
  status_interval.id_cp,
  status_interval.status,
  sum((
    extract(epoch from least(status_interval.end_at, held.end_at)) - extract(epoch from greatest(status_interval.start_at, held.hour))
  ) / 60)::smallint
from status_interval
join (
  select
    hour,
    dateadd(hour, 1, hour at time zone 'UTC') at time zone 'UTC' as end_at
  from calendar_hour
  where hour >= :hours_start and hour < least(:hours_end, date_trunc('hour', sysdate) at time zone 'UTC')
) as held on held.hour < status_interval.end_at and held.end_at > status_interval.start_at
where status_interval.day = :day and status_interval.end_at > :hours_start
group by status_interval.day, held.hour, status_interval.id_cp, status_interval.status;

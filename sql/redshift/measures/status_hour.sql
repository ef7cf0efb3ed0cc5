-- Compute the minutes of each hour in which a charging point was observed with a status: the parts of its published
-- status periods within the hour. An addition changes only hours from its first hour on. The next addition computes
-- the current hour.
--
-- The file for Postgres makes the hours of each status period with generate_series() in LATERAL, which Redshift does not
-- have. This file takes the hours from calendar_hour.
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

-- How many minutes of an hour a charging point was observed to have a status: the part of its intervals that is in it.
-- An addition changes nothing before the hour that it begins in; the hour that is under way is left to the next one.
-- Redshift has a text of its own: it can't make hours by generate_series() for each interval.
delete from status_hour where day = :day and hour >= :hours_start;

insert into status_hour (day, hour, id_cp, status, minutes)
select
  :day::date,
  held.hour,
  status_interval.id_cp,
  status_interval.status,
  -- Whole minutes, which extract() would give as numeric: that takes twice as long.
  sum(date_part('epoch', least(status_interval.end_at, held.hour + interval '1 hour') - greatest(status_interval.start_at, held.hour)) / 60)
-- In the order of the index that the rows are added to.
from (
  select
    id_cp,
    start_at,
    end_at,
    status
  from new_status_interval
  where end_at > :hours_start
  order by id_cp
) as status_interval
cross join lateral generate_series(
  date_trunc('hour', greatest(status_interval.start_at, :hours_start), 'UTC'),
  least(status_interval.end_at, :hours_end, date_trunc('hour', now(), 'UTC')) - interval '1 microsecond',
  interval '1 hour'
) as held (hour)
group by held.hour, status_interval.id_cp, status_interval.status;

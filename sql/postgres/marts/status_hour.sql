-- How many minutes of an hour a charging point was observed to have a status: the part of its intervals that is in it.
-- An addition changes nothing before the hour that it begins in; the hour that is under way is left to the next one.
delete from status_hour using publishing
where status_hour.day = publishing.day and status_hour.hour >= publishing.hours_start;

insert into status_hour (day, hour, id_cp, status, minutes)
select
  publishing.day,
  held.hour,
  part.id_cp,
  part.status,
  -- Whole minutes, which extract() would give as numeric: that takes twice as long.
  sum(date_part('epoch', least(part.end_at, held.hour + interval '1 hour') - greatest(part.start_at, held.hour)) / 60)
from publishing
-- In the order of the index that the rows are added to.
join (
  select
    id_cp,
    start_at,
    end_at,
    status
  from new_status_interval
  order by id_cp
) as part on part.end_at > publishing.hours_start
cross join lateral generate_series(
  date_trunc('hour', greatest(part.start_at, publishing.hours_start), 'UTC'),
  least(part.end_at, publishing.hours_end) - interval '1 microsecond',
  interval '1 hour'
) as held (hour)
group by publishing.day, held.hour, part.id_cp, part.status;

-- Minutes of each hour in which a charging point was observed to have a status: the part of its intervals within the
-- hour. The rows are made in staging, so that the publication only inserts them.
--
-- Most intervals last for hours. Each whole hour of an interval is a row of its own, because no other interval of the
-- charging point is in that hour. Only hours in which an interval begins or ends are summed.
truncate new_status_hour;

insert into new_status_hour (day, hour, id_cp, status, minutes)
with measured as (
  select
    id_cp,
    status,
    greatest(start_at, :hours_start) as start_at,
    least(end_at, :day_end, :hours_end) as end_at
  from new_status_interval
), bounded as (
  select
    *,
    date_trunc('hour', start_at - interval '1 microsecond', 'UTC') + interval '1 hour' as whole_from,
    date_trunc('hour', end_at, 'UTC') as whole_to
  from measured
  where start_at < end_at
), edge as (
  select
    id_cp,
    status,
    whole_from - interval '1 hour' as hour,
    least(end_at, whole_from) - start_at as lasted
  from bounded
  where start_at < whole_from
  union all
  select
    id_cp,
    status,
    whole_to,
    end_at - whole_to
  from bounded
  where whole_to < end_at and whole_to >= whole_from
)
select
  :day::date,
  held.hour,
  whole.id_cp,
  whole.status,
  60
from (select * from bounded order by id_cp) as whole
cross join lateral generate_series(
  whole.whole_from, whole.whole_to - interval '1 hour', interval '1 hour'
) as held (hour)
union all
select
  :day::date,
  hour,
  id_cp,
  status,
  -- The result is a whole number of minutes. extract() would return it as numeric, which takes twice as long.
  sum(date_part('epoch', lasted) / 60)
from edge
group by hour, id_cp, status
-- Sorted in the order of the index to which the rows are added.
order by id_cp;

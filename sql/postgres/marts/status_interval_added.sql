-- Joins the intervals that an addition brings with those of the day that are published: what goes on is one.
create temp table interval_piece on commit drop as
select id_cp, start_at, end_at, status, interval_minutes from new_status_interval
union all
select id_cp, start_at, end_at, status, interval_minutes
from status_interval
where day = (select day from publishing);

truncate new_status_interval;

insert into new_status_interval (id_cp, start_at, end_at, status, interval_minutes)
with clipped as (
  select
    *,
    least(end_at, lead(start_at) over point_pieces) as until,
    lag(status) over point_pieces as status_before,
    lag(end_at) over point_pieces as until_before
  from interval_piece
  window point_pieces as (partition by id_cp order by start_at)
), numbered as (
  select
    *,
    count(*) filter (where status_before is distinct from status or until_before < start_at) over (
      partition by id_cp order by start_at
    ) as number
  from clipped
)
select
  id_cp,
  min(start_at),
  max(until),
  status,
  (array_agg(interval_minutes order by start_at desc))[1]
from numbered
group by id_cp, number, status;

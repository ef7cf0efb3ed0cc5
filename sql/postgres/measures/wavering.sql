-- Find the touched stations whose coordinates change, and read all their later spans.
--
-- A version ignores moves near its first coordinates. So a change in the window can change the first coordinates of the
-- version that continues after the window, and then the borders of all versions after it. This can't happen while all
-- coordinates are the same: those of the spans, and those of the versions of the last span before and the first span
-- after.
--
-- Redshift has a file of its own, because it has no composite values and no LATERAL.
create temp table known on commit drop as
select
  phased.id,
  phased.phase,
  version.longitude,
  version.latitude
from phased
cross join lateral (
  select
    longitude,
    latitude
  from :history as history
  where history.:id = phased.id and valid_from <= (span).first_slot
  order by valid_from desc
  limit 1
) as version
where phase <> 1;

create temp table wavering on commit drop as
select id
from (
  select
    id,
    (span).longitude,
    (span).latitude
  from phased
  union all
  select
    id,
    longitude,
    latitude
  from known
) as shown
group by id
having
  min(longitude) <> max(longitude)
  or min(latitude) <> max(latitude)
  or count(longitude) between 1 and count(*) - 1
  or count(latitude) between 1 and count(*) - 1;

delete from phased using wavering
where phased.id = wavering.id and phase = 2;

insert into phased (id, phase, span)
select
  wavering.id,
  1,
  span
from wavering
join :spans as span on span.:id = wavering.id
where last_slot >= :until and first_slot >= :until;

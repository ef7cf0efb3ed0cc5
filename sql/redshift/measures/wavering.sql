-- Find the touched stations whose coordinates change, and read all their later spans.
--
-- The file for Postgres says why. Here, joins replace look-ups by index.
create temp table known distkey (id) as
select
  covering.id,
  covering.phase,
  history.longitude,
  history.latitude
from (
  select
    phased.id,
    phased.phase,
    max(version.valid_from) as valid_from
  from phased
  join :history as version on version.:id = phased.id and version.valid_from <= phased.first_slot
  where phased.phase <> 1
  group by phased.id, phased.phase
) as covering
join :history as history on history.:id = covering.id and history.valid_from = covering.valid_from;

create temp table wavering distkey (id) as
select id
from (
  select
    id,
    longitude,
    latitude
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
where phased.id = wavering.id and phased.phase = 2;

insert into phased (id, feed, first_slot, last_slot, :columns, phase)
select
  span.:id,
  span.feed,
  span.first_slot,
  span.last_slot,
  span.:columns,
  1
from :spans as span
join wavering on wavering.id = span.:id
where span.last_slot >= :to and span.first_slot >= :to;

-- Find the content spans from which the history of the touched entities of one dimension is derived again.
--
-- The file for Postgres says which spans are needed. Here, joins and windows replace look-ups by index. Each step is one
-- pass over the rows of the touched entities; the rows of an entity are on one slice.

-- Also touch the entities that have content spans of other days from :from to :to, and the entities whose absence the
-- changed polls may show.
create temp table neighbour distkey (id) as
select :id as id
from :spans
where last_slot >= :from and first_slot < :to
union
select before.id
from (
  select
    :id as id,
    feed,
    row_number() over (partition by :id order by last_slot desc) as place
  from :spans
  where last_slot < :from
) as before
join touched_feed on touched_feed.feed = before.feed
where before.place = 1;

insert into :touched (id)
select neighbour.id
from neighbour
left join :touched as touched on touched.id = neighbour.id
where touched.id is null;

drop table neighbour;

-- Spans of each touched entity: the last one before the window (phase 0), those within (1), and the first one after
-- (2).
create temp table phased distkey (id) as
with placed as (
  select
    span.:id as id,
    span.feed,
    span.first_slot,
    span.last_slot,
    span.:columns,
    case when span.last_slot < :from then 0 when span.first_slot < :to then 1 else 2 end as phase
  from :spans as span
  join :touched as touched on touched.id = span.:id
), counted as (
  select
    id,
    feed,
    first_slot,
    last_slot,
    :columns,
    phase,
    row_number() over (partition by id, phase order by last_slot) as from_first,
    row_number() over (partition by id, phase order by last_slot desc) as from_last
  from placed
)
select
  id,
  feed,
  first_slot,
  last_slot,
  :columns,
  phase
from counted
where phase = 1 or (phase = 0 and from_last = 1) or (phase = 2 and from_first = 1);

-- Find the content spans from which the history of the touched entities of one dimension is derived again. history.sql
-- says what a version is.
--
-- Changes from :from to :to can only move the borders of the versions before and after. Therefore the statements read
-- only the spans within, and for each entity the last span before and the first span after.
--
-- Redshift has a file of its own, because it has no composite values, no LATERAL, no ON CONFLICT, and no index to find
-- neighbours.

-- If the history is empty, because the warehouse was loaded before histories existed, derive it for all time.
select
  case when exists (select from :history) then :from else '1970-01-01 00:00Z' end as since,
  case when exists (select from :history) then :to else '9999-01-01 00:00Z' end as until;

-- Also touch the entities that have content spans of other days in this window, and the entities whose absence the
-- changed polls may show.
insert into :touched
select :id from :spans where last_slot >= :since and first_slot < :until
union
select entity.:id
from :dimension as entity
cross join lateral (
  select feed
  from :spans as span
  where span.:id = entity.:id and last_slot < :since
  order by last_slot desc
  limit 1
) as before
where before.feed in (select feed from touched_feed)
on conflict do nothing;

analyze :touched;

-- Spans of each touched entity: the last one before the window (phase 0), those within (1), and the first one after
-- (2).
create temp table phased on commit drop as
select
  touched.id,
  0 as phase,
  found.span
from :touched as touched
cross join lateral (
  select span
  from :spans as span
  where span.:id = touched.id and last_slot < :since
  order by last_slot desc
  limit 1
) as found
union all
select
  touched.id,
  1,
  span
from :touched as touched
join :spans as span on span.:id = touched.id
where last_slot >= :since and first_slot < :until
union all
select
  touched.id,
  2,
  found.span
from :touched as touched
cross join lateral (
  select span
  from :spans as span
  where span.:id = touched.id and last_slot >= :until and first_slot >= :until
  order by last_slot
  limit 1
) as found;

-- Derive the history (slowly changing dimension, type 2) of the touched entities of one dimension, from the content
-- spans of all loaded days.
--
-- A version begins where the content differs from that of the span before, or where the entity is seen again after it
-- was retired. A version ends where the next one begins. If the entity was retired, its version ends at the first
-- complete poll of its feed that lacked it.
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

-- Spans of each touched entity in order: the last one before the window (phase 0), those within (1), and the first one
-- after (2). Each has the span before it, the beginning of the span after it, and the slot of a retirement in the gap
-- after it.
create temp table sequence on commit drop as
with phased as (
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
  ) as found
), linked as (
  select
    id,
    phase,
    span,
    lag(span) over in_order as earlier,
    lead((span).first_slot) over in_order as later
  from phased
  window in_order as (partition by id order by (span).first_slot)
)
select
  linked.*,
  gap.ended
from linked
left join lateral (
  -- The limit covers :grace_hours hours, because a feed has at most one poll per minute.
  select
    case
      when count(distinct date_trunc('hour', slot at time zone 'UTC')) >= :grace_hours then min(slot)
    end as ended
  from (
    select slot
    from poll
    where poll.feed = (span).feed and slot > (span).last_slot and (later is null or slot < later) and complete
    order by slot
    limit :grace_hours * 60
  ) as absence
) as gap on phase < 2;

-- Versions of these spans. A version that began before the window keeps its beginning. A version that continues after
-- the window keeps its end. The versions between them are replaced.
create temp table version on commit drop as
with flagged as (
  select
    *,
    (span).first_slot,
    earlier is null
    or lag(ended) over in_order is not null
    or ((span).:columns) is distinct from ((earlier).:columns) as begins
  from sequence
  window in_order as (partition by id order by (span).first_slot)
), numbered as (
  select
    *,
    count(*) filter (where begins) over (partition by id order by first_slot) as number
  from flagged
), made as (
  select
    id,
    min(phase) = 0 as has_begun,
    max(phase) = 2 as goes_on,
    min(first_slot) as first_slot,
    max(first_slot) as last_slot,
    (array_agg(span order by first_slot))[1] as this,
    (array_agg(earlier order by first_slot))[1] as before,
    (array_agg((span).feed order by first_slot desc))[1] as feed,
    (array_agg(coalesce(ended, later) order by first_slot desc))[1] as ends
  from numbered
  group by id, number
)
select
  made.id,
  coalesce(begun.valid_from, first_slot) as valid_from,
  case when goes_on then following.valid_to else ends end as valid_to,
  case when goes_on then following.feed else made.feed end as feed,
  case
    when has_begun then begun.changed
    when before is null then null
    else substring(:differing from 2)
  end as changed,
  this,
  begun.valid_from as replaced_from,
  following.valid_from as replaced_to
from made
left join lateral (
  select *
  from :history as version
  where version.:id = made.id and valid_from <= first_slot
  order by valid_from desc
  limit 1
) as begun on has_begun
left join lateral (
  select *
  from :history as version
  where version.:id = made.id and valid_from <= last_slot
  order by valid_from desc
  limit 1
) as following on goes_on;

delete from :history as history using (
  select
    touched.id,
    min(replaced_from) as since,
    max(replaced_to) as until
  from :touched as touched
  left join version using (id)
  group by 1
) as replaced
where
  history.:id = replaced.id
  and (since is null or valid_from >= since)
  and (until is null or valid_from <= until)
  and not exists (select from version where version.id = replaced.id and version.valid_from = history.valid_from);

insert into :history as old (:id, valid_from, :columns, feed, valid_to, is_current, changed)
select
  id,
  valid_from,
  (this).:columns,
  feed,
  valid_to,
  valid_to is null,
  changed
from version
on conflict (:id, valid_from) do update set
  (:columns, feed, valid_to, is_current, changed)
  = row(excluded.:columns, excluded.feed, excluded.valid_to, excluded.is_current, excluded.changed)
where
  (old.:columns, old.feed, old.valid_to, old.is_current, old.changed)
  is distinct from (excluded.:columns, excluded.feed, excluded.valid_to, excluded.is_current, excluded.changed);

drop table sequence, version;

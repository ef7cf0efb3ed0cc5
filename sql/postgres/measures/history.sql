-- Derive the history (slowly changing dimension, type 2) of the touched entities of one dimension, from the sequence of
-- their content spans.
--
-- A version begins where the content differs from that of the span before, or where the entity is seen again after it
-- was retired. Coordinates differ if they are more than 10 m away from the first coordinates of the version before. A
-- version ends where the next one begins. If the entity was retired, its version ends at the first complete poll of its
-- feed that lacked it.
--
-- Redshift has a file of its own, because it has no composite values, no LATERAL and no ON CONFLICT.

-- Versions of these spans. A version that began before the window keeps its beginning. A version that continues after
-- the window keeps its end. The versions between them are replaced.
create temp table version on commit drop as
with numbered as (
  select
    *,
    (span).first_slot,
    count(*) filter (where begins) over (partition by id order by place) as number
  from sequence
), made as (
  select
    id,
    min(phase) = 0 as has_begun,
    max(phase) = 2 as goes_on,
    min(first_slot) as first_slot,
    max(first_slot) as last_slot,
    (array_agg(span order by first_slot))[1] as this,
    (array_agg(earlier order by first_slot))[1] as before,
    (array_agg(anchor_longitude order by first_slot))[1] as anchor_longitude,
    (array_agg(anchor_latitude order by first_slot))[1] as anchor_latitude,
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
  has_begun,
  :begun_longitude as begun_longitude,
  :begun_latitude as begun_latitude,
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
  :of_version,
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

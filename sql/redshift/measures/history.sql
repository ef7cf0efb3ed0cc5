-- Derive the history (slowly changing dimension, type 2) of the touched entities of one dimension, from the sequence of
-- their content spans.
--
-- The file for Postgres defines a version. Here, joins and windows replace look-ups by index. Each step is one pass
-- over the rows of the touched entities; the rows of an entity are on one slice.

-- Each span with the number of its version.
create temp table numbered distkey (id) as
select
  id,
  feed,
  first_slot,
  later,
  phase,
  place,
  :columns,
  ended,
  anchor_longitude,
  anchor_latitude,
  sum(begins) over (partition by id order by place rows unbounded preceding) as number
from sequence;

-- Versions of these spans.
create temp table made distkey (id) as
select
  id,
  number,
  min(phase) as first_phase,
  max(phase) as last_phase,
  min(first_slot) as first_slot,
  max(first_slot) as last_slot
from numbered
group by id, number;

-- Versions with their content. A version that began before the window keeps its beginning. A version that continues
-- after the window keeps its end. The versions between them are replaced.
create temp table version distkey (id) as
with begun as (
  select
    known.id,
    known.number,
    :begun
  from (
    select
      made.id,
      made.number,
      max(version.valid_from) as valid_from
    from made
    join :history as version on version.:id = made.id and version.valid_from <= made.first_slot
    where made.first_phase = 0
    group by made.id, made.number
  ) as known
  join :history as history on history.:id = known.id and history.valid_from = known.valid_from
), following as (
  select
    known.id,
    known.number,
    history.valid_from,
    history.valid_to,
    history.feed
  from (
    select
      made.id,
      made.number,
      max(version.valid_from) as valid_from
    from made
    join :history as version on version.:id = made.id and version.valid_from <= made.last_slot
    where made.last_phase = 2
    group by made.id, made.number
  ) as known
  join :history as history on history.:id = known.id and history.valid_from = known.valid_from
)
select
  made.id,
  coalesce(begun.valid_from, made.first_slot) as valid_from,
  case when made.last_phase = 2 then following.valid_to else coalesce(final.ended, final.later) end as valid_to,
  case when made.last_phase = 2 then following.feed else final.feed end as feed,
  case
    when made.first_phase = 0 then begun.changed
    when before.id is null then null
    else substring(:differing from 2)
  end as changed,
  :of_version,
  begun.valid_from as replaced_from,
  following.valid_from as replaced_to
from made
join numbered as this on this.id = made.id and this.first_slot = made.first_slot
left join numbered as before on before.id = made.id and before.place = this.place - 1
join numbered as final on final.id = made.id and final.first_slot = made.last_slot
left join begun on begun.id = made.id and begun.number = made.number
left join following on following.id = made.id and following.number = made.number;

delete from :history using (
  select
    touched.id,
    min(version.replaced_from) as since,
    max(version.replaced_to) as until
  from :touched as touched
  left join version on version.id = touched.id
  group by touched.id
) as replaced
where
  :history.:id = replaced.id
  and (replaced.since is null or :history.valid_from >= replaced.since)
  and (replaced.until is null or :history.valid_from <= replaced.until);

insert into :history (:id, valid_from, :columns, feed, valid_to, is_current, changed)
select
  version.id,
  version.valid_from,
  :content,
  version.feed,
  version.valid_to,
  version.valid_to is null,
  version.changed
from version;

drop table sequence;
drop table numbered;
drop table made;
drop table version;

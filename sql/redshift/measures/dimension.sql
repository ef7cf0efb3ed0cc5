-- Replace the dimension rows of the touched entities. The content is that of the latest slot of all loaded days. The
-- time of retirement comes from the entity's history. An entity without a content span on any loaded day gets no row.
create temp table latest distkey (id) as
with placed as (
  select
    span.:id as id,
    span.last_slot,
    span.feed,
    span.:columns,
    row_number() over (partition by span.:id order by span.last_slot desc) as place
  from :spans as span
  join :touched as touched on touched.id = span.:id
), version as (
  select
    history.:id as id,
    history.valid_to,
    row_number() over (partition by history.:id order by history.valid_from desc) as place
  from :history as history
  join :touched as touched on touched.id = history.:id
)
select
  placed.id,
  placed.last_slot,
  placed.feed,
  placed.:columns,
  version.valid_to
from placed
join version on version.id = placed.id and version.place = 1
where placed.place = 1;

delete from :dimension using :touched where :dimension.:id = :touched.id;

insert into :dimension (:id, :columns, feed, last_seen, retired_at)
select
  id,
  :content,
  feed,
  last_slot,
  valid_to
from latest;

drop table latest;

-- Upsert the dimension rows of the touched entities. The content is that of the latest slot of all loaded days. The
-- time of retirement comes from the entity's history. Rows that do not change are not written.
--
-- Redshift has a file of its own, because it has neither LATERAL nor ON CONFLICT.
insert into :dimension as old (:id, :columns, feed, last_seen, retired_at)
select
  touched.id,
  latest.:columns,
  latest.feed,
  latest.last_slot,
  version.valid_to
from :touched as touched
cross join lateral (
  select *
  from :spans as span
  where span.:id = touched.id
  order by last_slot desc
  limit 1
) as latest
cross join lateral (
  select valid_to
  from :history as version
  where version.:id = touched.id
  order by valid_from desc
  limit 1
) as version
on conflict (:id) do update set
  (:columns, feed, last_seen, retired_at)
  = row(excluded.:columns, excluded.feed, excluded.last_seen, excluded.retired_at)
where
  (old.:columns, old.feed, old.last_seen, old.retired_at)
  is distinct from (excluded.:columns, excluded.feed, excluded.last_seen, excluded.retired_at);

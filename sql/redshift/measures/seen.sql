-- Collect the last content span of each entity of a dimension on the day. The quality rules examine these spans.
create temp table seen_:dimension distkey (:id) as
select
  :id,
  :spanned,
  :columns
from (
  select
    :id,
    :spanned,
    :columns,
    row_number() over (partition by :id order by last_slot desc, feed) as place
  from new_:spans
) as shown
where place = 1;

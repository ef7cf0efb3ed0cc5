-- Collect the last content span of each entity of a dimension on the day. The quality rules examine these spans.
create temp table seen_:dimension on commit drop as
select distinct on (:id) *
from new_:spans
order by :id, last_slot desc, feed;

analyze seen_:dimension;

-- The last content span of each entity of a dimension on the day, for the quality rules.
create temp table seen_:dimension on commit drop as
select distinct on (:id) *
from new_:spans
order by :id, last_slot desc, feed;

analyze seen_:dimension;

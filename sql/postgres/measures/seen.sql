-- Each entity of a dimension as the day showed it last, for the rules of quality.
create temp table seen_:dimension on commit drop as
select distinct on (:id) *
from new_:spans
order by :id, last_slot desc, feed;

analyze seen_:dimension;

-- Find the polls whose completeness changed, and update them.
--
-- A poll with too few charging points in comparison with the hours before is not complete. Windows on Redshift count
-- rows, not hours. Therefore each suspected poll is joined with the polls of the hours before. A poll is suspected if
-- it has too few charging points in comparison with the feed's largest poll of the whole period. Only few polls are
-- suspected.
create temp table judged distkey (feed) as
with compared as (
  select
    poll.feed,
    poll.slot,
    poll.complete,
    poll.charging_points,
    poll.quarantined
  from poll
  join touched_feed on touched_feed.feed = poll.feed
  where poll.slot >= :from - :compared and poll.slot < :to + :compared
),

most as (
  select
    feed,
    max(charging_points) as charging_points
  from compared
  group by feed
),

suspected as (
  select
    compared.feed,
    compared.slot,
    compared.charging_points
  from compared
  join most on most.feed = compared.feed
  where compared.charging_points < :complete_share * most.charging_points
),

shrunk as (
  select distinct
    suspected.feed,
    suspected.slot
  from suspected
  join compared as earlier on earlier.feed = suspected.feed
  where earlier.slot <= suspected.slot
    and earlier.slot >= suspected.slot - :compared
    and suspected.charging_points < :complete_share * earlier.charging_points
),

judged as (
  select
    compared.feed,
    compared.slot,
    compared.complete as was,
    case
      when compared.quarantined = 0 and compared.charging_points > 0 and shrunk.slot is null then true
      else false
    end as complete
  from compared
  left join shrunk on shrunk.feed = compared.feed and shrunk.slot = compared.slot
  where compared.slot >= :from
)

select
  feed,
  slot,
  complete
from judged
where complete <> was;

select max(slot) as last_changed
from judged;

update poll set complete = judged.complete
from judged
where poll.feed = judged.feed and poll.slot = judged.slot;

drop table judged;

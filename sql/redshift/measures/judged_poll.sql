-- Find the polls whose completeness changed, and why they are not complete. Windows on Redshift count rows, not hours.
-- Therefore the few polls that may lack something are compared with each poll of the hours before. Such a poll has too
-- few charging points in relation to the feed's largest poll in the whole window, or more unidentified records than one
-- of the polls just before it.
create temp table judged distkey (feed) as
with compared as (
  select
    poll.feed,
    poll.slot,
    poll.incomplete,
    poll.fault,
    poll.charging_points,
    poll.unidentified,
    max(poll.charging_points) over (partition by poll.feed) as most,
    min(poll.unidentified) over (
      partition by poll.feed order by poll.slot rows between :compared_polls preceding and 1 preceding
    ) as fewest
  from poll
  join touched_feed on touched_feed.feed = poll.feed
  where poll.slot >= :from - :compared and poll.slot < :to + :compared
),

shrunk as (
  select distinct
    suspected.feed,
    suspected.slot
  from compared as suspected
  join compared as earlier on earlier.feed = suspected.feed
  where suspected.charging_points < :complete_share * suspected.most
    and earlier.slot < suspected.slot
    and earlier.slot >= suspected.slot - :compared
    and suspected.charging_points < :complete_share * earlier.charging_points
),

-- The last polls and the polls of the hours before end with the same poll, so that one of the two sets contains the
-- other. Therefore the polls in both sets have one with fewer unidentified records exactly if each of the sets has one.
unreadable as (
  select distinct
    suspected.feed,
    suspected.slot
  from compared as suspected
  join compared as earlier on earlier.feed = suspected.feed
  where suspected.unidentified > suspected.fewest
    and earlier.slot < suspected.slot
    and earlier.slot >= suspected.slot - :compared
    and earlier.unidentified < suspected.unidentified
),

judged as (
  select
    compared.feed,
    compared.slot,
    compared.incomplete as was,
    case
      when compared.charging_points = 0 then 'empty'
      when compared.fault is not null then compared.fault
      when shrunk.slot is not null then 'shrunk'
      when unreadable.slot is not null then 'unreadable_ids'
    end as incomplete
  from compared
  left join shrunk on shrunk.feed = compared.feed and shrunk.slot = compared.slot
  left join unreadable on unreadable.feed = compared.feed and unreadable.slot = compared.slot
  where compared.slot >= :from
)

select
  feed,
  slot,
  incomplete
from judged
where incomplete <> was
  or (incomplete is null and was is not null)
  or (incomplete is not null and was is null);

select max(slot) as last_changed
from judged;

update poll set
  incomplete = judged.incomplete,
  complete = case when judged.incomplete is null then true else false end
from judged
where poll.feed = judged.feed and poll.slot = judged.slot;

drop table judged;

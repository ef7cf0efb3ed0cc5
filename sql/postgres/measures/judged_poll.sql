-- Find the polls whose completeness changed, and why they are not complete. Only polls that may lack something are
-- compared with the polls before them, by the index of their feed: those with few charging points, and those with many
-- unidentified records, in relation to all polls of the window.
create temp table judged on commit drop as
with compared as (
  select
    poll.feed,
    poll.slot,
    poll.incomplete,
    poll.fault,
    poll.charging_points,
    poll.unidentified,
    :complete_share * max(poll.charging_points) over (partition by poll.feed) as enough,
    min(poll.unidentified) over (partition by poll.feed) as fewest
  from poll
  join touched_feed using (feed)
  where poll.slot >= :from - :compared and poll.slot < :to + :compared
), judged as (
  select
    feed,
    slot,
    incomplete as was,
    case
      when charging_points = 0 then 'empty'
      when fault is not null then fault
      when charging_points < enough and exists (
        select
        from poll as earlier
        where
          earlier.feed = compared.feed
          and earlier.slot >= compared.slot - :compared
          and earlier.slot < compared.slot
          and compared.charging_points < :complete_share * earlier.charging_points
      ) then 'shrunk'
      when unidentified > fewest and exists (
        select
        from (
          select last.unidentified
          from poll as last
          where
            last.feed = compared.feed
            and last.slot >= compared.slot - :compared
            and last.slot < compared.slot
          order by last.slot desc
          limit :compared_polls
        ) as earlier
        where earlier.unidentified < compared.unidentified
      ) then 'unreadable_ids'
    end as incomplete
  from compared
  where slot >= :from
)
select
  feed,
  slot,
  incomplete
from judged
where incomplete is distinct from was;

select max(slot) as last_changed
from judged;

update poll set incomplete = judged.incomplete, complete = judged.incomplete is null
from judged
where poll.feed = judged.feed and poll.slot = judged.slot;

drop table judged;

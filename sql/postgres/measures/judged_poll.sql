-- Find the polls whose completeness changed, in one pass with a window of hours, and update them.
create temp table judged on commit drop as
select
  feed,
  slot,
  complete
from (
  select
    feed,
    slot,
    poll.complete as was,
    quarantined = 0 and charging_points > 0 and charging_points >= :complete_share * max(charging_points)
      over (partition by feed order by slot range between :compared preceding and current row) as complete
  from poll
  join touched_feed using (feed)
  where slot >= :from - :compared and slot < :to + :compared
) as judged
where slot >= :from and complete <> was;

select max(slot) as last_changed
from judged;

update poll set complete = judged.complete
from judged
where poll.feed = judged.feed and poll.slot = judged.slot;

drop table judged;

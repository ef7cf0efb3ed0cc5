-- What a rule of quality examined, and what of it is wrong. What is wrong was examined, also where a rule counts it elsewhere:
-- a feed says something unreadable of what another feed shows later in the day, or twice in a poll.
-- Redshift has a text of its own: there, an INSERT is part of no WITH.
with examined as (
  :examine
), finding as (
  insert into new_quality_finding (rule, feed, id, value, failed)
  select
    rule,
    feed,
    id,
    value,
    failed
  from examined
  where failed > 0
)
insert into new_quality (rule, feed, checked, failed)
select
  rule,
  feed,
  greatest(sum(checked), sum(failed)),
  sum(failed)
from examined
group by rule, feed;

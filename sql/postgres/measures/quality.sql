-- Number of records that a quality rule checked, and its findings. A finding also counts as checked, even if the rule
-- counts its record elsewhere: for a feed with an unreadable value of an entity that another feed shows later in the
-- day, or with an entity twice in a poll.
--
-- Redshift has a file of its own, because there an INSERT can't be part of WITH.
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

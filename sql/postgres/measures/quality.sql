-- Number of records that a quality rule checked, and its findings.
--
-- A finding also counts as checked, even if the rule counts its record elsewhere. This happens in two cases. A feed has
-- an unreadable value of an entity that another feed shows later in the day, or a poll has an entity twice.
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

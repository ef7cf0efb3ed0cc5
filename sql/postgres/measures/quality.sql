-- Apply a quality rule: insert its findings, and the number of cases that it checked and that violate it.
--
-- At least as many cases are checked as violate the rule. The two counts would differ otherwise in two cases. A feed
-- has an unreadable value of an entity that another feed shows later in the day, or a poll has an entity twice.
--
-- Redshift has a file of its own, because its WITH can't contain an INSERT.
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

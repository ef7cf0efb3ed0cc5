-- Apply all quality rules together: insert their findings and counts. The file for Postgres, which applies one rule at
-- a time, explains the counts.
create temp table examined distkey (id) as
:examine;

insert into new_quality (rule, feed, checked, failed)
select
  rule,
  feed,
  greatest(sum(checked), sum(failed)),
  sum(failed)
from examined
group by rule, feed;

insert into new_quality_finding (rule, feed, id, value, failed)
select
  rule,
  feed,
  id,
  value,
  failed
from examined
where failed > 0;

drop table examined;

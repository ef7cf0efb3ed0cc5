-- Copy the published results of the quality rules that read intervals. They were computed before the day's facts were
-- archived.
insert into new_quality (rule, feed, checked, failed)
select
  rule,
  feed,
  checked,
  failed
from :ops.quality
where day = :day and rule in (:reading_intervals);

insert into new_quality_finding (rule, feed, id, value, failed)
select
  rule,
  feed,
  id,
  value,
  failed
from :ops.quality_finding
where day = :day and rule in (:reading_intervals);

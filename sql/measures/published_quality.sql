-- What rules that read intervals have found in the day while its facts were there, which are in the archive now.
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

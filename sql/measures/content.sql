-- The content spans of the day are replaced by those in staging.
delete from :run where day = :day;

insert into :run (day, :id, :spanned, :columns)
select
  :day::date,
  :id,
  :spanned,
  :columns
from new_:run;

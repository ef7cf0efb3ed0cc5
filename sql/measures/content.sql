-- Replace the content spans of the day by those in staging.
delete from :spans where day = :day;

insert into :spans (day, :id, :spanned, :columns)
select
  :day::date,
  :id,
  :spanned,
  :columns
from new_:spans;

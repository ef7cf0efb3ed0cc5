-- Copy the status intervals of a day from the published to the rebuilt warehouse. They can't be derived again, because
-- the facts of the day stay in the archive.
delete from new_status_interval;

insert into new_status_interval (id_cp, start_at, end_at, status, interval_minutes)
select
  id_cp,
  start_at,
  end_at,
  status,
  interval_minutes
from :ops.status_interval
where day = :day;

-- Replace the hours of the load by those in staging.
--
-- An addition changes only hours from its first hour on. The next addition computes the current hour.
--
-- Redshift has a file of its own, which makes the hours in the publication.
delete from status_hour where day = :day and hour >= :hours_start;

insert into status_hour (day, hour, id_cp, status, minutes)
select
  day,
  hour,
  id_cp,
  status,
  minutes
from new_status_hour
where hour < date_trunc('hour', now(), 'UTC');

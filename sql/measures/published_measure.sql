-- Copy a day's rows of a measure from the published to the rebuilt warehouse, because the facts of the day stay in the
-- archive and are not measured again. Both tables have the same columns.
delete from :measure where day = :day;

insert into :measure
select *
from :published.:measure
where day = :day;

-- Copy a day's rows of a measure from the published to the rebuilt warehouse, because facts that stay in the archive
-- are not measured again. Both tables have the same columns.
delete from :measure where day = :day;

insert into :measure
select *
from :published.:measure
where day = :day;

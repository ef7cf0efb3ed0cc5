-- Drop the list of touched entities, which is no longer needed. dimension.sql has already deleted the rows of entities
-- that no loaded day has.
drop table :touched;

-- Drop the list of touched entities, which is no longer needed. dimension.sql has already deleted the rows of entities
-- without a content span on any loaded day.
drop table :touched;

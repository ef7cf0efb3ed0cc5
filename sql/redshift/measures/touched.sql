-- Collect the entities that a publication touches: each entity with a content span of the day, published or in staging.
create temp table :touched distkey (id) as
select :id as id from :spans where day = :day
union
select :id from new_:spans;

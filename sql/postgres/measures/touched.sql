-- Collect the entities that a publication touches: each entity with a content span of the day, published or in staging.
create temp table :touched on commit drop as
select :id as id from :spans where day = :day
union
select :id from new_:spans;

alter table :touched add primary key (id);

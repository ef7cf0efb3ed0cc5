-- Entities that a publication touches: those of the day's spans, both published and in staging.
create temp table :touched on commit drop as
select :id as id from :spans where day = :day
union
select :id from new_:spans;

alter table :touched add primary key (id);

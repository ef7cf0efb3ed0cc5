-- The entities that a publication touches: those that the day shows, as it was and as it will be.
create temp table :touched on commit drop as
select :id as id from :spans where day = :day
union
select :id from new_:spans;

alter table :touched add primary key (id);

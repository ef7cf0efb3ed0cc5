-- Decide in time order which spans of stations begin a version because the station moved.
--
-- The file for Postgres says how. Here, joins replace look-ups by index.
create temp table walk distkey (id) as
select
  sequence.id,
  sequence.place,
  sequence.phase,
  sequence.begins,
  sequence.longitude,
  sequence.latitude
from sequence
join wavering on wavering.id = sequence.id;

create temp table moved distkey (id) as
with recursive walked (id, place, begins, longitude, latitude, anchor_longitude, anchor_latitude) as (
  select
    walk.id,
    walk.place,
    1,
    case when walk.phase = 0 then known.longitude else walk.longitude end,
    case when walk.phase = 0 then known.latitude else walk.latitude end,
    null::float8,
    null::float8
  from walk
  left join known on known.id = walk.id and known.phase = 0
  where walk.place = 1
  union all
  select
    this.id,
    this.place,
    case when this.begins = 1 then 1 else :moved end,
    case when this.begins = 1 or :moved = 1 then this.longitude else anchor.longitude end,
    case when this.begins = 1 or :moved = 1 then this.latitude else anchor.latitude end,
    anchor.longitude,
    anchor.latitude
  from walked as anchor
  join walk as this on this.id = anchor.id and this.place = anchor.place + 1
)
select
  id,
  place,
  begins,
  anchor_longitude,
  anchor_latitude
from walked
where place > 1;

update sequence
set
  begins = moved.begins,
  anchor_longitude = moved.anchor_longitude,
  anchor_latitude = moved.anchor_latitude
from moved
where sequence.id = moved.id and sequence.place = moved.place;

drop table known;
drop table wavering;
drop table walk;
drop table moved;

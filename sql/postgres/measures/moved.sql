-- Decide in time order which spans of stations begin a version because the station moved: those whose coordinates are
-- more than 10 m away from the first coordinates of the version before, the anchor. For the version before the window,
-- the anchor is in the history.
--
-- Redshift has a file of its own, because it has no composite values and no LATERAL.
create temp table walk on commit drop as
select
  sequence.id,
  place,
  phase,
  case when begins then 1 else 0 end as begins,
  (span).longitude,
  (span).latitude
from sequence
join wavering on wavering.id = sequence.id;

alter table walk add primary key (id, place);

analyze walk;

create temp table moved on commit drop as
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
  begins = moved.begins = 1,
  anchor_longitude = moved.anchor_longitude,
  anchor_latitude = moved.anchor_latitude
from moved
where sequence.id = moved.id and sequence.place = moved.place;

drop table known, wavering, walk, moved;

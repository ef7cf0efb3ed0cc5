-- Put the spans of each entity in order, and decide which of them begin a version. moved.sql decides about coordinates.
--
-- The file for Postgres says which spans begin a version. Here, joins and windows replace look-ups by index.
create temp table placed distkey (id) as
select
  id,
  feed,
  first_slot,
  last_slot,
  :columns,
  phase,
  row_number() over (partition by id order by first_slot) as place,
  lead(first_slot) over (partition by id order by first_slot) as later
from phased;

-- Complete polls of the feeds of these spans. Each has the number of its clock hour, counting only hours with such a
-- poll.
create temp table lacking distkey (feed) as
select
  poll.feed,
  poll.slot,
  dense_rank() over (partition by poll.feed order by date_trunc('hour', poll.slot)) as hour
from poll
join (
  select
    feed,
    min(last_slot) as since
  from placed
  where phase < 2
  group by feed
) as seen on seen.feed = poll.feed
where poll.complete and poll.slot > seen.since;

-- Gaps after spans that ended with a retirement: the first complete poll after the span. The :grace_hours hours with
-- complete polls from that poll on must begin before the entity is seen again. Many spans end in the same slots.
create temp table gap distkey (feed) as
with ending as (
  select distinct
    feed,
    last_slot,
    later
  from placed
  where phase < 2
), event as (
  select
    feed,
    slot as at,
    0 as is_ending,
    slot,
    hour
  from lacking
  union all
  select distinct
    feed,
    last_slot,
    1,
    null::timestamptz,
    null::bigint
  from ending
), followed as (
  select
    feed,
    at,
    is_ending,
    min(slot) over (
      partition by feed order by at, is_ending rows between current row and unbounded following
    ) as slot,
    min(hour) over (
      partition by feed order by at, is_ending rows between current row and unbounded following
    ) as hour
  from event
), hours as (
  select
    feed,
    hour,
    min(slot) as first_slot
  from lacking
  group by feed, hour
)
select
  ending.feed,
  ending.last_slot,
  ending.later,
  followed.slot as ended
from ending
join followed on followed.feed = ending.feed and followed.at = ending.last_slot and followed.is_ending = 1
join hours on hours.feed = followed.feed and hours.hour = followed.hour + :grace_hours - 1
where ending.later is null or hours.first_slot < ending.later;

-- Each span with its place, and whether it begins a version.
create temp table sequence distkey (id) as
with compared as (
  select
    this.id,
    this.feed,
    this.first_slot,
    this.later,
    this.phase,
    this.place,
    this.:columns,
    gap.ended,
    case when before.id is not null then :differing_fixed end as differing,
    :earlier_longitude as anchor_longitude,
    :earlier_latitude as anchor_latitude
  from placed as this
  left join placed as before on before.id = this.id and before.place = this.place - 1
  left join gap
    on
      gap.feed = this.feed
      and gap.last_slot = this.last_slot
      and (gap.later = this.later or (gap.later is null and this.later is null))
      and this.phase < 2
)
select
  id,
  feed,
  first_slot,
  later,
  phase,
  place,
  :columns,
  ended,
  anchor_longitude,
  anchor_latitude,
  case
    when differing = '' and lag(ended) over (partition by id order by place) is null then 0
    else 1
  end as begins
from compared;

drop table phased;
drop table placed;
drop table lacking;
drop table gap;

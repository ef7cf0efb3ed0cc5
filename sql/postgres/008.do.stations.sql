-- Parking spaces and whole stations: who stands where nothing is charged, and when nothing is left.

create table public.parking_hour (
  day date not null,
  hour timestamptz not null,
  id_cp varchar collate "C" not null,
  status varchar collate "C" not null,
  status_parkingsensor varchar collate "C" not null,
  minutes smallint not null
);

create index on public.parking_hour (day);
create index on public.parking_hour (id_cp);

comment on table public.parking_hour is 'Measure: how many minutes of an hour a charging point had a status while its parking sensor had another. Few charging points have a sensor.';
comment on column public.parking_hour.day is 'The local day.';
comment on column public.parking_hour.hour is 'The beginning of the hour, of UTC: calendar_hour.hour.';
comment on column public.parking_hour.id_cp is 'The charging point.';
comment on column public.parking_hour.status is 'Status as the feed gave it.';
comment on column public.parking_hour.status_parkingsensor is 'The parking sensor''s status as the feed gave it.';
comment on column public.parking_hour.minutes is 'Minutes, 1 to 60. An observation holds to the next slot of its feed, never longer.';

create view public.parking_day as
with meant as (
  select
    parking.day,
    parking.id_cp,
    parking.minutes,
    parking.status_parkingsensor = 'OCCUPIED' as has_vehicle,
    coalesce(meaning.is_charging, false) as is_charging
  from public.parking_hour as parking
  left join config.status_group as meaning on meaning.status = parking.status
), day_sum as (
  select
    id_cp,
    day,
    sum(minutes)::int as observed_minutes,
    sum(case when has_vehicle then minutes else 0 end)::int as vehicle_minutes,
    sum(case when has_vehicle and not is_charging then minutes else 0 end)::int as blocked_minutes,
    sum(case when is_charging and not has_vehicle then minutes else 0 end)::int as contradictory_minutes
  from meant
  group by id_cp, day
)
select
  *,
  blocked_minutes::float8 / nullif(vehicle_minutes, 0) as blocked_share
from day_sum;

comment on view public.parking_day is 'Measure: how long vehicles stood at a charging point that were not charged, as its parking sensor saw it.';
comment on column public.parking_day.id_cp is 'The charging point.';
comment on column public.parking_day.day is 'The local day.';
comment on column public.parking_day.observed_minutes is 'Minutes in which both its status and its sensor''s were observed.';
comment on column public.parking_day.vehicle_minutes is 'Minutes of these in which the sensor saw a vehicle.';
comment on column public.parking_day.blocked_minutes is 'Minutes of those in which none was charged.';
comment on column public.parking_day.contradictory_minutes is 'Minutes in which one was charged although the sensor saw none: one of the two is wrong.';
comment on column public.parking_day.blocked_share is 'blocked_minutes / vehicle_minutes.';

create view public.station_day as
with part as (
  select
    held.day,
    point.id_cs,
    held.id_cp,
    held.start_at,
    held.end_at,
    case when meaning.status_group = 'occupied' then 1 else 0 end as occupied,
    case when meaning.status_group = 'available' then 1 else 0 end as available,
    case when coalesce(meaning.status_group, 'unknown') = 'unknown' then 1 else 0 end as unknown
  from ops.status_interval as held
  join public.charging_point_history as point
    on
      point.id_cp = held.id_cp
      and point.valid_from <= held.start_at
      and (point.valid_to is null or point.valid_to > held.start_at)
  left join config.status_group as meaning on meaning.status = held.status
), edge as (
  select day, id_cs, start_at as at, occupied, available, unknown, 1 as observed from part
  union all
  select day, id_cs, end_at, -occupied, -available, -unknown, -1 from part
), step as (
  select
    day,
    id_cs,
    at,
    sum(occupied) as occupied,
    sum(available) as available,
    sum(unknown) as unknown,
    sum(observed) as observed
  from edge
  group by day, id_cs, at
), state as (
  select
    day,
    id_cs,
    extract(epoch from lead(at) over so_far - at) / 60 as minutes,
    sum(occupied) over so_far as occupied,
    sum(available) over so_far as available,
    sum(unknown) over so_far as unknown,
    sum(observed) over so_far as observed
  from step
  window so_far as (partition by day, id_cs order by at)
), day_sum as (
  select
    id_cs,
    day,
    max(observed)::int as charging_points,
    max(occupied)::int as peak_occupied,
    sum(case when observed > 0 then minutes else 0 end)::int as observed_minutes,
    sum(case when occupied > 0 and available = 0 and unknown = 0 then minutes else 0 end)::int as taken_minutes
  from state
  group by id_cs, day
)
select
  *,
  taken_minutes::float8 / nullif(observed_minutes, 0) as taken_share
from day_sum;

comment on view public.station_day is 'Measure: how many charging points of a station were occupied at once, and how long none was left.';
comment on column public.station_day.id_cs is 'The station.';
comment on column public.station_day.day is 'The local day.';
comment on column public.station_day.charging_points is 'The most of its charging points that were observed at once.';
comment on column public.station_day.peak_occupied is 'The most of them that were occupied at once.';
comment on column public.station_day.observed_minutes is 'Minutes in which any of them was observed.';
comment on column public.station_day.taken_minutes is 'Minutes of these in which at least one was occupied and none available or of unknown status: whoever came found none. Those out of service do not count.';
comment on column public.station_day.taken_share is 'taken_minutes / observed_minutes.';

-- Measures on Redshift: parking spaces, whole stations, changes of master data, and what is ready for use.

create table warehouse.parking_hour (
  day date not null encode raw,
  hour timestamptz not null encode az64,
  id_cp varchar(256) not null encode zstd,
  status varchar(256) not null encode zstd,
  status_parkingsensor varchar(256) not null encode zstd,
  minutes smallint not null encode az64
)
distkey (id_cp)
compound sortkey (day, id_cp, hour);

create view public.parking_hour as
select
  day,
  hour,
  id_cp,
  status,
  status_parkingsensor,
  minutes
from warehouse.parking_hour
with no schema binding;

create view public.parking_day as
with day_sum as (
  select
    parking.id_cp,
    parking.day,
    sum(parking.minutes)::int as observed_minutes,
    sum(case when parking.status_parkingsensor = 'OCCUPIED' then parking.minutes else 0 end)::int as vehicle_minutes,
    sum(case
      when parking.status_parkingsensor = 'OCCUPIED' and not coalesce(meaning.is_charging, false) then parking.minutes
      else 0
    end)::int as blocked_minutes,
    sum(case
      when parking.status_parkingsensor <> 'OCCUPIED' and coalesce(meaning.is_charging, false) then parking.minutes
      else 0
    end)::int as contradictory_minutes
  from warehouse.parking_hour as parking
  left join config.status_group as meaning on meaning.status = parking.status
  group by parking.id_cp, parking.day
)
select
  id_cp,
  day,
  observed_minutes,
  vehicle_minutes,
  blocked_minutes,
  contradictory_minutes,
  blocked_minutes::float8 / nullif(vehicle_minutes, 0) as blocked_share
from day_sum
with no schema binding;

create view public.station_day as
with held as (
  select
    interval_of_day.day,
    point.id_cs,
    interval_of_day.start_at,
    interval_of_day.end_at,
    case when meaning.status_group = 'occupied' then 1 else 0 end as occupied,
    case when meaning.status_group = 'available' then 1 else 0 end as available,
    case when coalesce(meaning.status_group, 'unknown') = 'unknown' then 1 else 0 end as unknown
  from ops.status_interval as interval_of_day
  join warehouse.charging_point_history as point
    on
      point.id_cp = interval_of_day.id_cp
      and point.valid_from <= interval_of_day.start_at
      and (point.valid_to is null or point.valid_to > interval_of_day.start_at)
  left join config.status_group as meaning on meaning.status = interval_of_day.status
), edge as (
  select day, id_cs, start_at as at, occupied, available, unknown, 1 as observed from held
  union all
  select day, id_cs, end_at, -occupied, -available, -unknown, -1 from held
), moment as (
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
), so_far as (
  select
    day,
    id_cs,
    at,
    lead(at) over (partition by day, id_cs order by at) as next_at,
    sum(occupied) over (partition by day, id_cs order by at rows unbounded preceding) as occupied,
    sum(available) over (partition by day, id_cs order by at rows unbounded preceding) as available,
    sum(unknown) over (partition by day, id_cs order by at rows unbounded preceding) as unknown,
    sum(observed) over (partition by day, id_cs order by at rows unbounded preceding) as observed
  from moment
), timed as (
  select
    day,
    id_cs,
    (extract(epoch from so_far.next_at) - extract(epoch from so_far.at)) / 60 as minutes,
    occupied,
    available,
    unknown,
    observed
  from so_far
), day_sum as (
  select
    id_cs,
    day,
    max(observed)::int as charging_points,
    max(occupied)::int as peak_occupied,
    sum(case when observed > 0 then minutes else 0 end)::int as observed_minutes,
    sum(case when occupied > 0 and available = 0 and unknown = 0 then minutes else 0 end)::int as taken_minutes
  from timed
  group by id_cs, day
)
select
  id_cs,
  day,
  charging_points,
  peak_occupied,
  observed_minutes,
  taken_minutes,
  taken_minutes::float8 / nullif(observed_minutes, 0) as taken_share
from day_sum
with no schema binding;

create view public.change as
with version as (
  select
    'charging_station'::varchar(32) as entity,
    id_cs::varchar(256) as id,
    id_cs,
    feed,
    valid_from,
    valid_to,
    changed
  from warehouse.charging_station_history
  union all
  select
    'charging_point'::varchar(32),
    id_cp,
    id_cs,
    feed,
    valid_from,
    valid_to,
    changed
  from warehouse.charging_point_history
  union all
  select
    'connector'::varchar(32),
    connector.id_connector,
    point.id_cs,
    connector.feed,
    connector.valid_from,
    connector.valid_to,
    connector.changed
  from warehouse.connector_history as connector
  left join warehouse.charging_point as point on point.id_cp = connector.id_cp
), neighboured as (
  select
    entity,
    id,
    id_cs,
    feed,
    valid_from,
    valid_to,
    changed,
    lag(valid_to) over (partition by entity, id order by valid_from) as valid_to_before,
    lead(valid_from) over (partition by entity, id order by valid_from) as valid_from_after
  from version
), first_poll as (
  select
    feed,
    min(slot) as slot
  from ops.poll
  group by feed
), happening as (
  select
    neighboured.entity,
    neighboured.id,
    neighboured.valid_from as at,
    case
      when neighboured.changed is null then 'appeared'
      when neighboured.valid_to_before = neighboured.valid_from then 'changed'
      else 'returned'
    end as kind,
    nullif(neighboured.changed, '') as attributes,
    neighboured.id_cs,
    neighboured.feed
  from neighboured
  left join first_poll on first_poll.feed = neighboured.feed
  -- What a feed's first poll showed was there before, as far as anybody knows.
  where neighboured.changed is not null or neighboured.valid_from > first_poll.slot
  union all
  select
    entity,
    id,
    valid_to,
    'retired',
    null::varchar(1024),
    id_cs,
    feed
  from neighboured
  where valid_to is not null and (valid_from_after is null or valid_from_after <> valid_to)
)
select
  happening.entity,
  happening.id,
  happening.at,
  calendar.day,
  happening.kind::varchar(32) as kind,
  happening.attributes,
  happening.id_cs,
  happening.feed
from happening
left join warehouse.calendar_hour as calendar
  on calendar.hour = date_trunc('hour', happening.at at time zone 'UTC') at time zone 'UTC'
with no schema binding;

create view public.utilization_hour_as_was as
select
  used.id_cp,
  used.hour,
  used.day,
  used.available_minutes,
  used.occupied_minutes,
  used.charging_minutes,
  used.out_of_service_minutes,
  used.unknown_minutes,
  used.unobserved_minutes,
  used.charging_starts,
  point.evse_id,
  point.id_cs,
  point.name,
  point.city,
  point.postal_code,
  point.operator,
  point.longitude,
  point.latitude,
  point.max_power,
  point.power_class
from public.utilization_hour as used
join public.charging_point_as_was as point
  on
    point.id_cp = used.id_cp
    and used.hour >= point.first_hour
    and (point.end_hour is null or used.hour < point.end_hour)
with no schema binding;

create view public.city_day as
select
  day,
  city,
  count(distinct id_cs)::int as stations,
  count(distinct id_cp)::int as charging_points,
  sum(charging_starts)::int as charging_starts,
  sum(occupied_minutes)::float8
  / nullif(sum(available_minutes + occupied_minutes + out_of_service_minutes), 0) as utilization,
  sum(available_minutes + occupied_minutes)::float8
  / nullif(sum(available_minutes + occupied_minutes + out_of_service_minutes), 0) as uptime,
  1 - sum(unobserved_minutes)::float8 / (60 * count(*)) as observed_share
from public.utilization_hour_as_was
group by day, city
with no schema binding;

create view public.operator_day as
select
  day,
  operator,
  count(distinct id_cs)::int as stations,
  count(distinct id_cp)::int as charging_points,
  count(distinct case when out_of_service_minutes > 0 then id_cp end)::int as broken_charging_points,
  sum(charging_starts)::int as charging_starts,
  sum(available_minutes + occupied_minutes)::float8
  / nullif(sum(available_minutes + occupied_minutes + out_of_service_minutes), 0) as uptime,
  sum(available_minutes + occupied_minutes)::float8
  / nullif(60 * count(*) - sum(unobserved_minutes), 0) as uptime_strict,
  sum(occupied_minutes)::float8
  / nullif(sum(available_minutes + occupied_minutes + out_of_service_minutes), 0) as utilization,
  1 - sum(unobserved_minutes)::float8 / (60 * count(*)) as observed_share
from public.utilization_hour_as_was
group by day, operator
with no schema binding;

create view public.station_hour as
select
  used.hour,
  used.day,
  calendar.hour_of_day,
  calendar.weekday,
  used.id_cs,
  used.city,
  used.operator,
  used.longitude,
  used.latitude,
  count(*)::int as charging_points,
  max(used.max_power) as max_power,
  sum(used.charging_starts)::int as charging_starts,
  sum(used.available_minutes)::int as available_minutes,
  sum(used.occupied_minutes)::int as occupied_minutes,
  sum(used.charging_minutes)::int as charging_minutes,
  sum(used.out_of_service_minutes)::int as out_of_service_minutes,
  sum(used.unknown_minutes)::int as unknown_minutes,
  sum(used.unobserved_minutes)::int as unobserved_minutes
from public.utilization_hour_as_was as used
join warehouse.calendar_hour as calendar on calendar.hour = used.hour
group by
  used.hour,
  used.day,
  calendar.hour_of_day,
  calendar.weekday,
  used.id_cs,
  used.city,
  used.operator,
  used.longitude,
  used.latitude
with no schema binding;

-- Measures on Redshift: hours, what charging points were like in them, and what follows from that. Hours are those of UTC
-- whatever the reader's time zone is: DATE_TRUNC and DATEADD of a timestamptz would go by that.

create view public.charging_point_as_was as
with edge as (
  select
    id_cp,
    valid_from as at
  from warehouse.charging_point_history
  union
  select
    point.id_cp,
    station.valid_from
  from warehouse.charging_point_history as point
  join warehouse.charging_station_history as station on station.id_cs = point.id_cs
  where
    station.valid_from > point.valid_from
    and (point.valid_to is null or station.valid_from < point.valid_to)
  union
  select
    point.id_cp,
    connector.valid_from
  from warehouse.charging_point_history as point
  join warehouse.connector_history as connector on connector.id_cp = point.id_cp
  where
    connector.valid_from > point.valid_from
    and (point.valid_to is null or connector.valid_from < point.valid_to)
  union
  select
    point.id_cp,
    connector.valid_to
  from warehouse.charging_point_history as point
  join warehouse.connector_history as connector on connector.id_cp = point.id_cp
  where
    connector.valid_to > point.valid_from
    and (point.valid_to is null or connector.valid_to < point.valid_to)
), stretch as (
  select
    id_cp,
    at,
    lead(at) over (partition by id_cp order by at) as next_at
  from edge
), station_version as (
  -- A station that is gone stays what it was last, for charging points that are still there.
  select
    id_cs,
    valid_from,
    lead(valid_from) over (partition by id_cs order by valid_from) as next_from,
    name,
    address,
    city,
    postal_code,
    country,
    longitude,
    latitude,
    owner,
    operator_name
  from warehouse.charging_station_history
), connected as (
  select
    stretch.id_cp,
    stretch.at,
    max(connector.max_power) as max_power,
    max(case when connector.power_type like 'DC%' then 1 else 0 end) as has_dc,
    max(case when connector.power_type like 'AC%' then 1 else 0 end) as has_ac,
    -- Texts have no line break: cleaning makes a blank of it. LISTAGG takes a literal only.
    listagg(distinct connector.standard, '
') within group (order by connector.standard) as standards
  from stretch
  join warehouse.connector_history as connector
    on
      connector.id_cp = stretch.id_cp
      and connector.valid_from <= stretch.at
      and (connector.valid_to is null or connector.valid_to > stretch.at)
  group by stretch.id_cp, stretch.at
), described as (
  select
    point.id_cp,
    stretch.at as valid_from,
    least(stretch.next_at, point.valid_to) as valid_to,
    point.feed,
    point.evse_id,
    point.id_cs,
    station.name,
    station.address,
    station.city,
    station.postal_code,
    station.country,
    station.longitude,
    station.latitude,
    station.owner,
    station.operator_name,
    coalesce(spelling.operator, station.operator_name) as operator,
    connected.max_power,
    case
      when connected.max_power >= 150 then 'HPC'
      when connected.has_dc = 1 then 'DC'
      when connected.has_ac = 1 then 'AC'
    end as power_class,
    case when connected.standards <> '' then split_to_array(connected.standards, chr(10)) end as standards
  from stretch
  join warehouse.charging_point_history as point
    on
      point.id_cp = stretch.id_cp
      and point.valid_from <= stretch.at
      and (point.valid_to is null or point.valid_to > stretch.at)
  join station_version as station
    on
      station.id_cs = point.id_cs
      and station.valid_from <= stretch.at
      and (station.next_from is null or station.next_from > stretch.at)
  left join connected on connected.id_cp = stretch.id_cp and connected.at = stretch.at
  left join config.operator_spelling as spelling on spelling.spelling = station.operator_name
), neighboured as (
  select
    id_cp,
    valid_from,
    valid_to,
    feed,
    evse_id,
    id_cs,
    name,
    address,
    city,
    postal_code,
    country,
    longitude,
    latitude,
    owner,
    operator_name,
    operator,
    max_power,
    power_class,
    standards,
    lag(valid_to) over (partition by id_cp order by valid_from) as valid_to_before
  from described
)
select
  id_cp,
  valid_from,
  valid_to,
  feed,
  evse_id,
  id_cs,
  name,
  address,
  city,
  postal_code,
  country,
  longitude,
  latitude,
  owner,
  operator_name,
  operator,
  max_power,
  power_class::varchar(32) as power_class,
  standards,
  -- An hour belongs to what holds at its beginning; where nothing does, to the first that holds in it. Slots are whole
  -- minutes, so that the second before one is in the hour that it ends.
  case
    when valid_to_before = valid_from
      then dateadd(hour, 1, date_trunc('hour', dateadd(second, -1, valid_from at time zone 'UTC'))) at time zone 'UTC'
    else
      greatest(
        date_trunc('hour', valid_from at time zone 'UTC') at time zone 'UTC',
        dateadd(hour, 1, date_trunc('hour', dateadd(second, -1, valid_to_before at time zone 'UTC'))) at time zone 'UTC'
      )
  end as first_hour,
  dateadd(hour, 1, date_trunc('hour', dateadd(second, -1, valid_to at time zone 'UTC'))) at time zone 'UTC' as end_hour
from neighboured
with no schema binding;

create view public.utilization_hour as
with possible as (
  select
    id_cp,
    hour,
    day,
    status,
    minutes,
    0 as possible_minutes,
    0 as charging_starts
  from warehouse.status_hour
  union all
  select
    point.id_cp,
    calendar.hour,
    calendar.day,
    null::varchar(256),
    0,
    60,
    0
  from public.charging_point_as_was as point
  join warehouse.calendar_hour as calendar
    on calendar.hour >= point.first_hour and (point.end_hour is null or calendar.hour < point.end_hour)
  union all
  select
    event.id_cp,
    calendar.hour,
    calendar.day,
    null::varchar(256),
    0,
    0,
    1
  from public.charging_event as event
  join warehouse.calendar_hour as calendar
    on calendar.hour = date_trunc('hour', event.start_at at time zone 'UTC') at time zone 'UTC'
)
select
  possible.id_cp,
  possible.hour,
  possible.day,
  sum(case when meaning.status_group = 'available' then possible.minutes else 0 end)::int as available_minutes,
  sum(case when meaning.status_group = 'occupied' then possible.minutes else 0 end)::int as occupied_minutes,
  sum(case when meaning.is_charging then possible.minutes else 0 end)::int as charging_minutes,
  sum(case when meaning.status_group = 'out_of_service' then possible.minutes else 0 end)::int as out_of_service_minutes,
  sum(case
    when possible.status is not null and coalesce(meaning.status_group, 'unknown') = 'unknown' then possible.minutes
    else 0
  end)::int as unknown_minutes,
  sum(possible.possible_minutes - possible.minutes)::int as unobserved_minutes,
  sum(possible.charging_starts)::int as charging_starts
from possible
left join config.status_group as meaning on meaning.status = possible.status
group by possible.id_cp, possible.hour, possible.day
with no schema binding;

create view public.utilization_day as
with day_sum as (
  select
    id_cp,
    day,
    sum(available_minutes)::int as available_minutes,
    sum(occupied_minutes)::int as occupied_minutes,
    sum(charging_minutes)::int as charging_minutes,
    sum(out_of_service_minutes)::int as out_of_service_minutes,
    sum(unknown_minutes)::int as unknown_minutes,
    sum(unobserved_minutes)::int as unobserved_minutes,
    sum(charging_starts)::int as charging_starts
  from public.utilization_hour
  group by id_cp, day
)
select
  id_cp,
  day,
  available_minutes,
  occupied_minutes,
  charging_minutes,
  out_of_service_minutes,
  unknown_minutes,
  unobserved_minutes,
  charging_starts,
  occupied_minutes::float8 / nullif(available_minutes + occupied_minutes + out_of_service_minutes, 0) as utilization,
  (available_minutes + occupied_minutes)::float8
  / nullif(available_minutes + occupied_minutes + out_of_service_minutes, 0) as uptime,
  (available_minutes + occupied_minutes)::float8
  / nullif(available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes, 0) as uptime_strict,
  (available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes)::float8
  / (available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes + unobserved_minutes)
    as observed_share
from day_sum
with no schema binding;

create view public.outage as
with broken as (
  select
    event.id_cp,
    event.start_at,
    event.end_at,
    event.day,
    event.observed_minutes,
    event.status_before,
    event.status_after,
    event.start_cut,
    event.end_cut,
    case when before.status_group = 'out_of_service' then 0 else 1 end as begins
  from warehouse.status_event as event
  join config.status_group as meaning on meaning.status = event.status
  left join config.status_group as before on before.status = event.status_before
  where meaning.status_group = 'out_of_service'
), numbered as (
  select
    id_cp,
    start_at,
    end_at,
    day,
    observed_minutes,
    status_before,
    status_after,
    start_cut,
    end_cut,
    sum(begins) over (partition by id_cp order by start_at rows unbounded preceding) as outage
  from broken
), bounded as (
  select
    id_cp,
    start_at,
    end_at,
    day,
    observed_minutes,
    status_before,
    status_after,
    start_cut,
    end_cut,
    outage,
    row_number() over (partition by id_cp, outage order by start_at) as from_first,
    row_number() over (partition by id_cp, outage order by start_at desc) as from_last
  from numbered
)
select
  id_cp,
  min(start_at) as start_at,
  max(end_at) as end_at,
  min(day) as day,
  ((extract(epoch from max(end_at)) - extract(epoch from min(start_at))) / 60)::int as duration_minutes,
  ((extract(epoch from max(end_at)) - extract(epoch from min(start_at))) / 60 - sum(observed_minutes))::int
    as unobserved_minutes,
  max(case when from_first = 1 then status_before end) as status_before,
  max(case when from_last = 1 then status_after end) as status_after,
  max(case when from_first = 1 then start_cut end) as start_cut,
  max(case when from_last = 1 then end_cut end) as end_cut
from bounded
group by id_cp, outage
with no schema binding;

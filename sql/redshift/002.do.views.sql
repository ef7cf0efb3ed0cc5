-- The warehouse on Redshift: what readers see. All views are late-binding: they name what they read, and find the
-- rebuilt warehouse after its schemas are exchanged for the published ones.

-- Facts ------------------------------------------------------------------------------------------

create view public.status_chargingpoints as
select
  (
    id_chargingpoint || '@' || to_char(slot at time zone 'UTC', 'YYYYMMDD')
    || 'T' || to_char(slot at time zone 'UTC', 'HH24MI') || 'Z'
  )::varchar(288) as id_status_cp,
  id_chargingpoint,
  query_time,
  status_cp,
  status_parkingsensor,
  slot,
  day
from warehouse.charging_point_fact
with no schema binding;

create view public.status_connectors as
select
  (
    id_connector || '@' || to_char(slot at time zone 'UTC', 'YYYYMMDD')
    || 'T' || to_char(slot at time zone 'UTC', 'HH24MI') || 'Z'
  )::varchar(288) as id_status_connectors,
  id_connector,
  query_time,
  status_connector,
  slot,
  day
from warehouse.connector_fact
with no schema binding;

-- Dimensions and their histories ---------------------------------------------------------------------

create view public.charging_station as
select
  id_cs,
  name,
  address,
  city,
  postal_code,
  country,
  owner,
  roaming,
  longitude,
  latitude,
  operator_name,
  operator_hotline,
  open_24_7,
  opening_hours,
  directions,
  source,
  source_id,
  feed,
  last_seen,
  retired_at
from warehouse.charging_station
with no schema binding;

create view public.charging_point as
select
  id_cp,
  id_cs,
  charging_station_position,
  cp_position,
  vehicle_type,
  floor_level,
  evse_id,
  physical_reference,
  cp_parking_space_numbers,
  public_comment,
  roaming,
  reservable,
  capabilities,
  source,
  feed,
  last_seen,
  retired_at
from warehouse.charging_point
with no schema binding;

create view public.connector as
select
  id_connector,
  id_cp,
  format,
  power_type,
  ampere,
  voltage,
  max_power,
  standard,
  source,
  feed,
  last_seen,
  retired_at
from warehouse.connector
with no schema binding;

create view public."time" as
select
  query_time,
  hour,
  day,
  week,
  month,
  year,
  weekday
from warehouse."time"
with no schema binding;

create view public.charging_station_history as
select
  id_cs,
  name,
  address,
  city,
  postal_code,
  country,
  owner,
  roaming,
  longitude,
  latitude,
  operator_name,
  operator_hotline,
  open_24_7,
  opening_hours,
  directions,
  source,
  source_id,
  feed,
  valid_from,
  valid_to,
  is_current,
  changed
from warehouse.charging_station_history
with no schema binding;

create view public.charging_point_history as
select
  id_cp,
  id_cs,
  charging_station_position,
  cp_position,
  vehicle_type,
  floor_level,
  evse_id,
  physical_reference,
  cp_parking_space_numbers,
  public_comment,
  roaming,
  reservable,
  capabilities,
  source,
  feed,
  valid_from,
  valid_to,
  is_current,
  changed
from warehouse.charging_point_history
with no schema binding;

create view public.connector_history as
select
  id_connector,
  id_cp,
  format,
  power_type,
  ampere,
  voltage,
  max_power,
  standard,
  source,
  feed,
  valid_from,
  valid_to,
  is_current,
  changed
from warehouse.connector_history
with no schema binding;

create view public.status_chargingpoints_as_was as
select
  fact.id_status_cp,
  fact.id_chargingpoint,
  fact.query_time,
  fact.status_cp,
  fact.status_parkingsensor,
  fact.slot,
  fact.day,
  point.evse_id,
  point.charging_station_position,
  point.cp_position,
  point.vehicle_type,
  point.floor_level,
  point.physical_reference,
  point.capabilities,
  point.valid_from as charging_point_valid_from,
  station.id_cs,
  station.name,
  station.address,
  station.city,
  station.postal_code,
  station.country,
  station.owner,
  station.longitude,
  station.latitude,
  station.operator_name,
  station.open_24_7,
  station.valid_from as charging_station_valid_from
from public.status_chargingpoints as fact
join public.charging_point_history as point
  on
    point.id_cp = fact.id_chargingpoint
    and point.valid_from <= fact.slot
    and (point.valid_to is null or point.valid_to > fact.slot)
join public.charging_station_history as station
  on
    station.id_cs = point.id_cs
    and station.valid_from <= fact.slot
    and (station.valid_to is null or station.valid_to > fact.slot)
with no schema binding;

create view public.status_connectors_as_was as
select
  fact.id_status_connectors,
  fact.id_connector,
  fact.query_time,
  fact.status_connector,
  fact.slot,
  fact.day,
  connector.format,
  connector.power_type,
  connector.ampere,
  connector.voltage,
  connector.max_power,
  connector.standard,
  connector.valid_from as connector_valid_from,
  point.id_cp,
  point.evse_id,
  point.valid_from as charging_point_valid_from,
  station.id_cs,
  station.name,
  station.address,
  station.city,
  station.postal_code,
  station.country,
  station.owner,
  station.longitude,
  station.latitude,
  station.operator_name,
  station.open_24_7,
  station.valid_from as charging_station_valid_from
from public.status_connectors as fact
join public.connector_history as connector
  on
    connector.id_connector = fact.id_connector
    and connector.valid_from <= fact.slot
    and (connector.valid_to is null or connector.valid_to > fact.slot)
join public.charging_point_history as point
  on
    point.id_cp = connector.id_cp
    and point.valid_from <= fact.slot
    and (point.valid_to is null or point.valid_to > fact.slot)
join public.charging_station_history as station
  on
    station.id_cs = point.id_cs
    and station.valid_from <= fact.slot
    and (station.valid_to is null or station.valid_to > fact.slot)
with no schema binding;

-- What became of every slot -----------------------------------------------------------------------------

create view public.coverage as
select
  day,
  feed,
  expected,
  stored,
  failed,
  missed,
  case when expected > 0 then round(100.0 * stored / expected, 1) end as stored_percent
from ops.coverage
with no schema binding;

create view public.coverage_gap as
with part as (
  select
    feed,
    first_slot,
    last_slot,
    slots,
    outcome,
    reason,
    case
      when from_start
        and lag(to_end) over (partition by feed order by first_slot)
        and lag(day) over (partition by feed order by first_slot) = day - 1
        and lag(outcome) over (partition by feed order by first_slot) = outcome
        and lag(reason) over (partition by feed order by first_slot) = reason
        then 0
      else 1
    end as begins
  from ops.coverage_gap
), numbered as (
  select
    feed,
    first_slot,
    last_slot,
    slots,
    outcome,
    reason,
    sum(begins) over (partition by feed order by first_slot rows unbounded preceding) as gap
  from part
)
select
  feed,
  min(first_slot) as first_slot,
  max(last_slot) as last_slot,
  sum(slots)::int as slots,
  outcome,
  reason
from numbered
group by feed, gap, outcome, reason
with no schema binding;

create view public.slot_outcome as
select
  day,
  feed,
  slot,
  'stored'::varchar(32) as outcome,
  null::varchar(128) as reason
from ops.poll
union all
select
  gap.day,
  gap.feed,
  dateadd(second, datediff(second, gap.first_slot, gap.last_slot) / greatest(gap.slots - 1, 1) * step.step, gap.first_slot) as slot,
  gap.outcome,
  gap.reason
from ops.coverage_gap as gap
join ladepuls.step as step on step.step < gap.slots
union all
select
  quarantine.day,
  quarantine.feed,
  quarantine.first_slot,
  'unreadable'::varchar(32),
  min(quarantine.reason)
from ops.quarantine as quarantine
left join ops.poll as poll
  on
    poll.day = quarantine.day
    and poll.feed = quarantine.feed
    and poll.slot = quarantine.first_slot
where quarantine.entity = 'poll' and poll.slot is null
group by quarantine.day, quarantine.feed, quarantine.first_slot
with no schema binding;

-- Who asks for some charging points as they were, by key, has only these looked up: the condition must reach the window
-- behind stretch, and so the key must come from there.

create or replace view public.charging_point_as_was as
with edge as (
  select
    id_cp,
    valid_from as at
  from public.charging_point_history
  union
  select
    point.id_cp,
    station.valid_from
  from public.charging_point_history as point
  join public.charging_station_history as station using (id_cs)
  where
    station.valid_from > point.valid_from
    and (point.valid_to is null or station.valid_from < point.valid_to)
  union
  select
    point.id_cp,
    connector_edge.at
  from public.charging_point_history as point
  join public.connector_history as connector using (id_cp)
  cross join lateral (values (connector.valid_from), (connector.valid_to)) as connector_edge (at)
  where
    connector_edge.at > point.valid_from
    and (point.valid_to is null or connector_edge.at < point.valid_to)
), stretch as (
  select
    id_cp,
    at,
    lead(at) over (partition by id_cp order by at) as next_at
  from edge
), described as (
  select
    stretch.id_cp,
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
    connectors.max_power,
    connectors.power_class,
    connectors.standards
  from stretch
  join public.charging_point_history as point
    on
      point.id_cp = stretch.id_cp
      and point.valid_from <= stretch.at
      and (point.valid_to is null or point.valid_to > stretch.at)
  cross join lateral (
    select *
    from public.charging_station_history as version
    where version.id_cs = point.id_cs and version.valid_from <= stretch.at
    order by version.valid_from desc
    limit 1
  ) as station
  cross join lateral (
    select
      max(connector.max_power) as max_power,
      case
        when max(connector.max_power) >= 150 then 'HPC'
        when bool_or(connector.power_type like 'DC%') then 'DC'
        when bool_or(connector.power_type like 'AC%') then 'AC'
      end as power_class,
      array_agg(distinct connector.standard order by connector.standard)
        filter (where connector.standard is not null) as standards
    from public.connector_history as connector
    where
      connector.id_cp = point.id_cp
      and connector.valid_from <= stretch.at
      and (connector.valid_to is null or connector.valid_to > stretch.at)
  ) as connectors
  left join config.operator_spelling as spelling on spelling.spelling = station.operator_name
)
select
  *,
  -- An hour belongs to what holds at its beginning; where nothing does, to the first that holds in it.
  case
    when lag(valid_to) over point_time = valid_from
      then date_trunc('hour', valid_from - interval '1 microsecond', 'UTC') + interval '1 hour'
    else
      greatest(
        date_trunc('hour', valid_from, 'UTC'),
        date_trunc('hour', lag(valid_to) over point_time - interval '1 microsecond', 'UTC') + interval '1 hour'
      )
  end as first_hour,
  date_trunc('hour', valid_to - interval '1 microsecond', 'UTC') + interval '1 hour' as end_hour
from described
window point_time as (partition by id_cp order by valid_from);

-- Hours: how long each status lasted in every hour, what charging points were like in it, and what follows from that.

do $$
begin
  if to_regclass('config.operator_spelling') is null then
    create table config.operator_spelling (
      spelling varchar collate "C" primary key,
      operator varchar not null
    );
    comment on table config.operator_spelling is 'Operators that feeds spell in several ways. One that is not in here is called as it is spelled.';
    comment on column config.operator_spelling.spelling is 'As feeds give it: charging_station.operator_name.';
    comment on column config.operator_spelling.operator is 'What it is called.';
  end if;
end
$$;

create table public.calendar_hour (
  hour timestamptz primary key,
  day date not null,
  hour_of_day int not null,
  weekday int not null,
  week int not null,
  month int not null,
  year int not null
);

create index on public.calendar_hour (day);

comment on table public.calendar_hour is 'Dimension: every hour from the first day that is loaded to the end of the last one.';
comment on column public.calendar_hour.hour is 'Key: the beginning of the hour, of UTC.';
comment on column public.calendar_hour.day is 'The local day of its beginning.';
comment on column public.calendar_hour.hour_of_day is 'Local hour, 0 to 23. On the day on which clocks go back, one comes twice.';
comment on column public.calendar_hour.weekday is 'Local weekday, 0 to 6 from Sunday.';
comment on column public.calendar_hour.week is 'Local week, ISO.';
comment on column public.calendar_hour.month is 'Local month.';
comment on column public.calendar_hour.year is 'Local year.';

-- A partition a month, in schema ops.
create table public.status_hour (
  day date not null,
  hour timestamptz not null,
  id_cp varchar collate "C" not null,
  status varchar collate "C" not null,
  minutes smallint not null
) partition by range (day);

create index on public.status_hour (id_cp);
create index on public.status_hour (day);

comment on table public.status_hour is 'Measure: how many minutes of an hour a charging point was observed to have a status. What is missing of 60 was not observed.';
comment on column public.status_hour.day is 'The local day.';
comment on column public.status_hour.hour is 'The beginning of the hour, of UTC: calendar_hour.hour.';
comment on column public.status_hour.id_cp is 'The charging point.';
comment on column public.status_hour.status is 'Status as the feed gave it.';
comment on column public.status_hour.minutes is 'Minutes, 1 to 60. An observation holds to the next slot of its feed, never longer.';

create view public.charging_point_as_was as
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

comment on view public.charging_point_as_was is 'Dimension (type 2): charging points with their station and connectors, as they were from valid_from to valid_to.';
comment on column public.charging_point_as_was.id_cp is 'The charging point.';
comment on column public.charging_point_as_was.valid_from is 'The first slot in which it was like this.';
comment on column public.charging_point_as_was.valid_to is 'Where that ends, itself not included; null while it holds.';
comment on column public.charging_point_as_was.feed is 'The feed that showed it.';
comment on column public.charging_point_as_was.evse_id is 'EVSE-ID.';
comment on column public.charging_point_as_was.id_cs is 'Its station.';
comment on column public.charging_point_as_was.name is 'The station''s name.';
comment on column public.charging_point_as_was.address is 'The station''s street and number.';
comment on column public.charging_point_as_was.city is 'The station''s city.';
comment on column public.charging_point_as_was.postal_code is 'The station''s postal code.';
comment on column public.charging_point_as_was.country is 'The station''s country.';
comment on column public.charging_point_as_was.longitude is 'The station''s longitude, degrees, EPSG:4326.';
comment on column public.charging_point_as_was.latitude is 'The station''s latitude, degrees, EPSG:4326.';
comment on column public.charging_point_as_was.owner is 'The station''s owner.';
comment on column public.charging_point_as_was.operator_name is 'The station''s operator, as the feed spells it.';
comment on column public.charging_point_as_was.operator is 'The station''s operator, as config.operator_spelling calls it.';
comment on column public.charging_point_as_was.max_power is 'kW of its strongest connector.';
comment on column public.charging_point_as_was.power_class is 'HPC from 150 kW on; else DC where it has a direct-current connector; else AC. Null where the feed does not tell.';
comment on column public.charging_point_as_was.standards is 'The standards of its connectors, in order; null where the feed does not tell.';
comment on column public.charging_point_as_was.first_hour is 'The first hour of UTC that belongs to it: one in which it holds at the beginning, or in which nothing does and it is the first. Hours belong to one each.';
comment on column public.charging_point_as_was.end_hour is 'The first hour that does not belong to it any more; null while it holds.';

create view public.utilization_hour as
with part as (
  select
    id_cp,
    hour,
    day,
    status,
    minutes,
    0 as possible_minutes,
    0 as charging_starts
  from public.status_hour
  union all
  select
    point.id_cp,
    calendar.hour,
    calendar.day,
    null,
    0,
    60,
    0
  from public.charging_point_as_was as point
  join public.calendar_hour as calendar
    on calendar.hour >= point.first_hour and (point.end_hour is null or calendar.hour < point.end_hour)
  union all
  select
    event.id_cp,
    calendar.hour,
    calendar.day,
    null,
    0,
    0,
    1
  from public.charging_event as event
  join public.calendar_hour as calendar on calendar.hour = date_trunc('hour', event.start_at, 'UTC')
)
select
  part.id_cp,
  part.hour,
  part.day,
  sum(case when meaning.status_group = 'available' then part.minutes else 0 end)::int as available_minutes,
  sum(case when meaning.status_group = 'occupied' then part.minutes else 0 end)::int as occupied_minutes,
  sum(case when meaning.is_charging then part.minutes else 0 end)::int as charging_minutes,
  sum(case when meaning.status_group = 'out_of_service' then part.minutes else 0 end)::int as out_of_service_minutes,
  sum(case
    when part.status is not null and coalesce(meaning.status_group, 'unknown') = 'unknown' then part.minutes
    else 0
  end)::int as unknown_minutes,
  sum(part.possible_minutes - part.minutes)::int as unobserved_minutes,
  sum(part.charging_starts)::int as charging_starts
from part
left join config.status_group as meaning using (status)
group by part.id_cp, part.hour, part.day;

comment on view public.utilization_hour is 'Measure: how many minutes of an hour a charging point was available, occupied, out of service, of unknown status, or not observed: together 60, from the hour of its first sight to that in which it was retired.';
comment on column public.utilization_hour.id_cp is 'The charging point; charging_point_as_was says what it was like in that hour.';
comment on column public.utilization_hour.hour is 'The beginning of the hour, of UTC: calendar_hour.hour.';
comment on column public.utilization_hour.day is 'The local day.';
comment on column public.utilization_hour.available_minutes is 'Minutes in which a vehicle could have come: config.status_group.';
comment on column public.utilization_hour.occupied_minutes is 'Minutes in which it was charging, reserved or blocked.';
comment on column public.utilization_hour.charging_minutes is 'Those of them in which a vehicle was charged.';
comment on column public.utilization_hour.out_of_service_minutes is 'Minutes in which it was broken.';
comment on column public.utilization_hour.unknown_minutes is 'Minutes in which its feed did not know its status.';
comment on column public.utilization_hour.unobserved_minutes is 'Minutes in which nobody looked. Every missing slot counts, also where events bridge it.';
comment on column public.utilization_hour.charging_starts is 'Charging events that were first seen in the hour.';

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
  *,
  occupied_minutes::float8 / nullif(available_minutes + occupied_minutes + out_of_service_minutes, 0) as utilization,
  (available_minutes + occupied_minutes)::float8
  / nullif(available_minutes + occupied_minutes + out_of_service_minutes, 0) as uptime,
  (available_minutes + occupied_minutes)::float8
  / nullif(available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes, 0) as uptime_strict,
  (available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes)::float8
  / (available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes + unobserved_minutes)
    as observed_share
from day_sum;

comment on view public.utilization_day is 'Measure: utilization_hour, summed up by local day, with the shares that follow. Shares of several days follow from the sums of their minutes, not from these shares.';
comment on column public.utilization_day.id_cp is 'The charging point.';
comment on column public.utilization_day.day is 'The local day.';
comment on column public.utilization_day.available_minutes is 'Minutes in which a vehicle could have come.';
comment on column public.utilization_day.occupied_minutes is 'Minutes in which it was charging, reserved or blocked.';
comment on column public.utilization_day.charging_minutes is 'Those of them in which a vehicle was charged.';
comment on column public.utilization_day.out_of_service_minutes is 'Minutes in which it was broken.';
comment on column public.utilization_day.unknown_minutes is 'Minutes in which its feed did not know its status.';
comment on column public.utilization_day.unobserved_minutes is 'Minutes in which nobody looked.';
comment on column public.utilization_day.charging_starts is 'Charging events that were first seen on the day.';
comment on column public.utilization_day.utilization is 'Occupied minutes of those whose status is known: available, occupied or out of service.';
comment on column public.utilization_day.uptime is 'Available and occupied minutes of those whose status is known. What a feed can''t tell, such as planned maintenance or vandalism, is not excluded.';
comment on column public.utilization_day.uptime_strict is 'The same, with minutes of unknown status counted as down.';
comment on column public.utilization_day.observed_share is 'Observed minutes of those in which it was there.';

create view public.outage as
with broken as (
  select
    event.*,
    coalesce(before.status_group = 'out_of_service', false) as goes_on,
    row_number() over (partition by event.id_cp order by event.start_at) as number
  from public.status_event as event
  join config.status_group as meaning on meaning.status = event.status
  left join config.status_group as before on before.status = event.status_before
  where meaning.status_group = 'out_of_service'
), numbered as (
  select
    *,
    sum(case when goes_on then 0 else 1 end) over (partition by id_cp order by number rows unbounded preceding) as outage
  from broken
), bounded as (
  select
    *,
    row_number() over (partition by id_cp, outage order by number) = 1 as is_first,
    row_number() over (partition by id_cp, outage order by number desc) = 1 as is_last
  from numbered
)
select
  id_cp,
  min(start_at) as start_at,
  max(end_at) as end_at,
  min(day) as day,
  (extract(epoch from max(end_at) - min(start_at)) / 60)::int as duration_minutes,
  (extract(epoch from max(end_at) - min(start_at)) / 60 - sum(observed_minutes))::int as unobserved_minutes,
  max(case when is_first then status_before end) as status_before,
  max(case when is_last then status_after end) as status_after,
  max(case when is_first then start_cut end) as start_cut,
  max(case when is_last then end_cut end) as end_cut
from bounded
group by id_cp, outage;

comment on view public.outage is 'Measure: a charging point was out of service, from the first slot that showed it to the end of the last one.';
comment on column public.outage.id_cp is 'The charging point.';
comment on column public.outage.start_at is 'The first slot that showed it.';
comment on column public.outage.end_at is 'The end of the last one.';
comment on column public.outage.day is 'The local day of the start, to which the outage belongs.';
comment on column public.outage.duration_minutes is 'Minutes from start to end.';
comment on column public.outage.unobserved_minutes is 'Minutes of these that nobody observed, in slots that are bridged.';
comment on column public.outage.status_before is 'The status before it; null where nobody looked.';
comment on column public.outage.status_after is 'The status after it; null where nobody looked.';
comment on column public.outage.start_cut is 'gap or edge, where it may have begun earlier; else null.';
comment on column public.outage.end_cut is 'gap or edge, where it may have lasted longer; else null.';

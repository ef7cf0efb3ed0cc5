-- Ready for use: what cities, operators and data scientists ask for, one view each.

create view public.utilization_hour_as_was as
select
  used.*,
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
    and (point.end_hour is null or used.hour < point.end_hour);

comment on view public.utilization_hour_as_was is 'utilization_hour, with what the charging point and its station were like in that hour.';

do $$
declare
  attribute record;
begin
  for attribute in
    select source.attname as name, col_description(source.attrelid, source.attnum) as meaning
    from pg_attribute as view
    join pg_attribute as source
      on source.attrelid in ('public.utilization_hour'::regclass, 'public.charging_point_as_was'::regclass)
        and source.attname = view.attname
    where view.attrelid = 'public.utilization_hour_as_was'::regclass and view.attnum > 0
    -- Where both have a column, the first one's comment is the last to be made.
    order by source.attrelid = 'public.utilization_hour'::regclass
  loop
    execute format('comment on column public.utilization_hour_as_was.%I is %L', attribute.name, attribute.meaning);
  end loop;
end
$$;

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
group by day, city;

comment on view public.city_day is 'For cities: how much their charging points were used on a day, and how much of it was seen.';
comment on column public.city_day.day is 'The local day.';
comment on column public.city_day.city is 'The station''s city, as it was in each hour; null where the feed does not tell.';
comment on column public.city_day.stations is 'Stations that were there.';
comment on column public.city_day.charging_points is 'Charging points that were there.';
comment on column public.city_day.charging_starts is 'Charging events that were first seen on the day.';
comment on column public.city_day.utilization is 'Occupied minutes of those whose status is known: available, occupied or out of service.';
comment on column public.city_day.uptime is 'Available and occupied minutes of those whose status is known.';
comment on column public.city_day.observed_share is 'Observed minutes of those in which the charging points were there.';

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
group by day, operator;

comment on view public.operator_day is 'For operators: how much of a day their charging points worked, and how much of it was seen.';
comment on column public.operator_day.day is 'The local day.';
comment on column public.operator_day.operator is 'The operator, as config.operator_spelling calls it, as it was in each hour; null where the feed does not tell.';
comment on column public.operator_day.stations is 'Stations that were there.';
comment on column public.operator_day.charging_points is 'Charging points that were there.';
comment on column public.operator_day.broken_charging_points is 'Those of them that were out of service at some time.';
comment on column public.operator_day.charging_starts is 'Charging events that were first seen on the day.';
comment on column public.operator_day.uptime is 'Available and occupied minutes of those whose status is known.';
comment on column public.operator_day.uptime_strict is 'The same, with minutes of unknown status counted as down.';
comment on column public.operator_day.utilization is 'Occupied minutes of those whose status is known: available, occupied or out of service.';
comment on column public.operator_day.observed_share is 'Observed minutes of those in which the charging points were there.';

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
join public.calendar_hour as calendar using (hour)
group by
  used.hour,
  used.day,
  calendar.hour_of_day,
  calendar.weekday,
  used.id_cs,
  used.city,
  used.operator,
  used.longitude,
  used.latitude;

comment on view public.station_hour is 'For data scientists: a row for every station and hour, with what it was like and how it was used. Minutes are those of all its charging points: 60 each.';
comment on column public.station_hour.hour is 'The beginning of the hour, of UTC.';
comment on column public.station_hour.day is 'The local day.';
comment on column public.station_hour.hour_of_day is 'Local hour, 0 to 23.';
comment on column public.station_hour.weekday is 'Local weekday, 0 to 6 from Sunday.';
comment on column public.station_hour.id_cs is 'The station.';
comment on column public.station_hour.city is 'Its city, as it was.';
comment on column public.station_hour.operator is 'Its operator, as it was, as config.operator_spelling calls it.';
comment on column public.station_hour.longitude is 'Its longitude, degrees, EPSG:4326.';
comment on column public.station_hour.latitude is 'Its latitude, degrees, EPSG:4326.';
comment on column public.station_hour.charging_points is 'Its charging points that were there.';
comment on column public.station_hour.max_power is 'kW of their strongest connector.';
comment on column public.station_hour.charging_starts is 'Charging events that were first seen in the hour.';
comment on column public.station_hour.available_minutes is 'Minutes in which a vehicle could have come.';
comment on column public.station_hour.occupied_minutes is 'Minutes in which they were charging, reserved or blocked.';
comment on column public.station_hour.charging_minutes is 'Those of them in which a vehicle was charged.';
comment on column public.station_hour.out_of_service_minutes is 'Minutes in which they were broken.';
comment on column public.station_hour.unknown_minutes is 'Minutes in which the feed did not know their status.';
comment on column public.station_hour.unobserved_minutes is 'Minutes in which nobody looked.';

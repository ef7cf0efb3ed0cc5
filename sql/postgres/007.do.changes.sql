-- Changes of master data, out of the histories.

create view public.change as
with version as (
  select
    'charging_station'::varchar as entity,
    id_cs::varchar as id,
    id_cs,
    feed,
    valid_from,
    valid_to,
    changed
  from public.charging_station_history
  union all
  select
    'charging_point',
    id_cp,
    id_cs,
    feed,
    valid_from,
    valid_to,
    changed
  from public.charging_point_history
  union all
  select
    'connector',
    connector.id_connector,
    point.id_cs,
    connector.feed,
    connector.valid_from,
    connector.valid_to,
    connector.changed
  from public.connector_history as connector
  left join public.charging_point as point using (id_cp)
), neighboured as (
  select
    *,
    lag(valid_to) over entity_time as valid_to_before,
    lead(valid_from) over entity_time as valid_from_after
  from version
  window entity_time as (partition by entity, id order by valid_from)
), change as (
  select
    entity,
    id,
    valid_from as at,
    case
      when changed is null then 'appeared'
      when valid_to_before = valid_from then 'changed'
      else 'returned'
    end as kind,
    nullif(changed, '') as attributes,
    id_cs,
    feed
  from neighboured
  -- What a feed's first poll showed was there before, as far as anybody knows.
  where changed is not null or valid_from > (select min(slot) from ops.poll where poll.feed = neighboured.feed)
  union all
  select
    entity,
    id,
    valid_to,
    'retired',
    null,
    id_cs,
    feed
  from neighboured
  where valid_to is not null and valid_from_after is distinct from valid_to
)
select
  change.entity,
  change.id,
  change.at,
  calendar.day,
  change.kind::varchar as kind,
  change.attributes,
  change.id_cs,
  change.feed
from change
left join public.calendar_hour as calendar on calendar.hour = date_trunc('hour', change.at, 'UTC');

comment on view public.change is 'Measure: a station, charging point or connector appeared, changed, came back or was retired.';
comment on column public.change.entity is 'charging_station, charging_point or connector.';
comment on column public.change.id is 'Its key.';
comment on column public.change.at is 'The first slot that showed it so; of a retirement, the first complete poll without it.';
comment on column public.change.day is 'The local day of that.';
comment on column public.change.kind is 'appeared, changed, returned or retired. What a feed''s first poll showed has not appeared.';
comment on column public.change.attributes is 'The attributes that differ from the version before, separated by commas; null where none does.';
comment on column public.change.id_cs is 'Its station; of a connector, that of its charging point today.';
comment on column public.change.feed is 'The feed that showed it.';

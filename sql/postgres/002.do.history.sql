-- What the past was like: the versions of stations, charging points and connectors, the polls that can tell an
-- absence, and what became of every slot in which a feed was to be polled.

-- Polls that can tell an absence ---------------------------------------------------------------------

alter table ops.poll add column complete boolean not null default false;
create index on ops.poll (feed, slot);

comment on column ops.poll.complete is 'Whether an entity that it lacks was absent: nothing in it was quarantined, and it has at least 80 % of the most charging points that its feed had in the 168 hours before.';

-- Dimensions: since when an entity is gone -------------------------------------------------------------

alter table public.charging_station add column retired_at timestamptz;
alter table public.charging_point add column retired_at timestamptz;
alter table public.connector add column retired_at timestamptz;

comment on column public.charging_station.retired_at is 'The first complete poll without it, once complete polls in 24 different hours had lacked it; null while it is in service.';
comment on column public.charging_point.retired_at is 'The first complete poll without it, once complete polls in 24 different hours had lacked it; null while it is in service.';
comment on column public.connector.retired_at is 'The first complete poll without it, once complete polls in 24 different hours had lacked it; null while it is in service.';

-- History (type 2) ---------------------------------------------------------------------------------------
-- A history has its dimension's attributes, and a row for every version of them.

do $$
declare
  entity record;
begin
  for entity in select * from (values
    ('charging_station', 'id_cs', 'Dimension (type 2): the versions of charging stations.'),
    ('charging_point', 'id_cp', 'Dimension (type 2): the versions of charging points.'),
    ('connector', 'id_connector', 'Dimension (type 2): the versions of connectors.')
  ) as kind (name, id, meaning)
  loop
    execute format('create table public.%I_history (like public.%1$I including comments)', entity.name);
    execute format('alter table public.%I_history drop column last_seen, drop column retired_at', entity.name);
    execute format('alter table public.%I_history
      add column valid_from timestamptz not null,
      add column valid_to timestamptz,
      add column is_current boolean not null,
      add column changed varchar,
      add primary key (%I, valid_from)', entity.name, entity.id);
    execute format('comment on table public.%I_history is %L', entity.name, entity.meaning);
    execute format('comment on column public.%I_history.%I is %L', entity.name, entity.id, 'Key, with valid_from: the entity, as in the dimension.');
    execute format('comment on column public.%I_history.feed is %L', entity.name, 'The feed that showed this version last.');
    execute format('comment on column public.%I_history.valid_from is %L', entity.name, 'The first slot in which it was seen like this.');
    execute format('comment on column public.%I_history.valid_to is %L', entity.name,
      'Where the version ends, itself not included: the first slot of the next version, or the first complete poll without the entity where that was retired; null while it holds.');
    execute format('comment on column public.%I_history.is_current is %L', entity.name, 'Whether it still holds: valid_to is null.');
    execute format('comment on column public.%I_history.changed is %L', entity.name,
      'The attributes that differ from the version before, separated by commas; empty where the entity came back as it was; null for its first version.');
  end loop;
end
$$;

create index on public.charging_station_history (valid_from);
create index on public.charging_point_history (valid_from);
create index on public.charging_point_history (id_cs);
create index on public.charging_point_history (evse_id);
create index on public.connector_history (valid_from);
create index on public.connector_history (id_cp);

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
    and (station.valid_to is null or station.valid_to > fact.slot);

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
    and (station.valid_to is null or station.valid_to > fact.slot);

comment on view public.status_chargingpoints_as_was is 'Every row of status_chargingpoints with its charging point and station as they were in its slot.';
comment on view public.status_connectors_as_was is 'Every row of status_connectors with its connector, charging point and station as they were in its slot.';

-- What became of every slot -----------------------------------------------------------------------------

create table ops.coverage (
  day date not null,
  feed varchar collate "C" not null,
  expected int not null,
  stored int not null,
  failed int not null,
  missed int not null,
  unexpected int not null,
  primary key (day, feed),
  check (expected = stored + failed + missed)
);

comment on table ops.coverage is 'What became of the slots of a feed''s day; its sums add up.';
comment on column ops.coverage.day is 'The local day.';
comment on column ops.coverage.feed is 'The feed.';
comment on column ops.coverage.expected is 'Slots in which the feed was to be polled = stored + failed + missed.';
comment on column ops.coverage.stored is 'Slots with a good answer.';
comment on column ops.coverage.failed is 'Slots with a wrong answer only.';
comment on column ops.coverage.missed is 'Slots with no answer at all.';
comment on column ops.coverage.unexpected is 'Slots with a good answer in which nobody was to poll the feed.';

create table ops.coverage_gap (
  day date not null,
  feed varchar collate "C" not null,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  slots int not null,
  outcome varchar not null,
  reason varchar not null,
  from_start boolean not null,
  to_end boolean not null,
  primary key (day, feed, first_slot)
);

comment on table ops.coverage_gap is 'Consecutive expected slots of a feed''s day that are not stored for one reason, at one interval.';
comment on column ops.coverage_gap.day is 'The local day.';
comment on column ops.coverage_gap.feed is 'The feed.';
comment on column ops.coverage_gap.first_slot is 'The first slot without a good answer.';
comment on column ops.coverage_gap.last_slot is 'The last slot without a good answer.';
comment on column ops.coverage_gap.slots is 'How many slots that are.';
comment on column ops.coverage_gap.outcome is 'failed: a wrong answer was kept. missed: there was none.';
comment on column ops.coverage_gap.reason is 'Why, such as refused, timeout, http_500, not_json, late, not_running, paused.';
comment on column ops.coverage_gap.from_start is 'Whether it begins with the first expected slot of the day.';
comment on column ops.coverage_gap.to_end is 'Whether it ends with the last expected slot of the day.';

create view public.coverage as
select
  day,
  feed,
  expected,
  stored,
  failed,
  missed,
  case when expected > 0 then round(100.0 * stored / expected, 1) end as stored_percent
from ops.coverage;

comment on view public.coverage is 'What became of the slots of each feed''s day.';
comment on column public.coverage.day is 'The local day.';
comment on column public.coverage.feed is 'The feed.';
comment on column public.coverage.expected is 'Slots in which the feed was to be polled = stored + failed + missed.';
comment on column public.coverage.stored is 'Slots with a good answer.';
comment on column public.coverage.failed is 'Slots with a wrong answer only.';
comment on column public.coverage.missed is 'Slots with no answer at all.';
comment on column public.coverage.stored_percent is 'Share of the expected slots that are stored; null where none was expected.';

create view public.coverage_gap as
with part as (
  select
    *,
    from_start
    and lag(to_end) over feed_slots
    and lag(day) over feed_slots = day - 1
    and lag(outcome) over feed_slots = outcome
    and lag(reason) over feed_slots = reason as goes_on
  from ops.coverage_gap
  window feed_slots as (partition by feed order by first_slot)
), numbered as (
  select
    *,
    sum(case when goes_on then 0 else 1 end) over (
      partition by feed order by first_slot rows unbounded preceding
    ) as gap
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
group by feed, gap, outcome, reason;

comment on view public.coverage_gap is 'The stretches of expected slots of a feed that are not stored, each with its cause, over all days.';
comment on column public.coverage_gap.feed is 'The feed.';
comment on column public.coverage_gap.first_slot is 'The first slot without a good answer.';
comment on column public.coverage_gap.last_slot is 'The last slot without a good answer.';
comment on column public.coverage_gap.slots is 'How many slots that are.';
comment on column public.coverage_gap.outcome is 'failed: a wrong answer was kept. missed: there was none.';
comment on column public.coverage_gap.reason is 'Why, such as refused, timeout, http_500, not_json, late, not_running, paused.';

create view public.slot_outcome as
select
  poll.day,
  poll.feed,
  poll.slot,
  'stored'::varchar as outcome,
  null::varchar as reason
from ops.poll
union all
select
  gap.day,
  gap.feed,
  gap.first_slot + (gap.last_slot - gap.first_slot) / greatest(gap.slots - 1, 1) * step as slot,
  gap.outcome,
  gap.reason
from ops.coverage_gap as gap
cross join lateral generate_series(0, gap.slots - 1) as step
union all
select
  quarantine.day,
  quarantine.feed,
  quarantine.first_slot,
  'unreadable',
  min(quarantine.reason)
from ops.quarantine
where
  quarantine.entity = 'poll'
  and not exists (
    select from ops.poll
    where poll.day = quarantine.day and poll.feed = quarantine.feed and poll.slot = quarantine.first_slot
  )
group by quarantine.day, quarantine.feed, quarantine.first_slot;

comment on view public.slot_outcome is 'What became of every slot in which a feed was to be polled.';
comment on column public.slot_outcome.day is 'The local day of the slot.';
comment on column public.slot_outcome.feed is 'The feed.';
comment on column public.slot_outcome.slot is 'The instant that the poll was scheduled for.';
comment on column public.slot_outcome.outcome is 'stored: it was loaded. unreadable: it is stored, and could not be read. failed: a wrong answer was kept. missed: there was none.';
comment on column public.slot_outcome.reason is 'Why it is not loaded; null where it is.';

-- Comments on the views' columns: what they mean where they come from.
do $$
declare
  attribute record;
begin
  for attribute in
    select view.attrelid::regclass as relation, view.attname as name, found.meaning
    from pg_attribute as view
    cross join lateral (
      select col_description(source.attrelid, source.attnum) as meaning
      from unnest(array[
        'public.status_chargingpoints', 'public.status_connectors', 'public.charging_station_history',
        'public.charging_point_history', 'public.connector_history'
      ]::regclass[]) with ordinality as origin (relation, rank)
      join pg_attribute as source on source.attrelid = origin.relation
        and source.attname = regexp_replace(view.attname, '^(charging_station|charging_point|connector)_(?=valid)', '')
      where col_description(source.attrelid, source.attnum) is not null
      order by origin.rank limit 1
    ) as found
    where view.attrelid in ('public.status_chargingpoints_as_was'::regclass, 'public.status_connectors_as_was'::regclass)
      and view.attnum > 0 and col_description(view.attrelid, view.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', attribute.relation, attribute.name, attribute.meaning);
  end loop;
end
$$;

-- Days whose facts have left the warehouse ---------------------------------------------------------------

create table ops.archived_day (
  day date primary key,
  charging_point_facts bigint not null,
  connector_facts bigint not null,
  archived_at timestamptz not null default now(),
  restored_at timestamptz
);

comment on table ops.archived_day is 'Days whose facts are in the flat store, below archive/<day>/, and no more here: loads skip them.';
comment on column ops.archived_day.day is 'The local day.';
comment on column ops.archived_day.charging_point_facts is 'Rows of status_chargingpoints that were archived.';
comment on column ops.archived_day.connector_facts is 'Rows of status_connectors that were archived.';
comment on column ops.archived_day.archived_at is 'When the facts left.';
comment on column ops.archived_day.restored_at is 'When they were loaded again, to stay; null while they are away.';

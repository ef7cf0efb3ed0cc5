-- The warehouse on Postgres: the six promised tables in schema public, what they are made of in
-- schemas observation and ops. Every statement here runs in one transaction.

create schema observation;
create schema ops;

comment on schema observation is 'The facts as they are stored; read them through public.status_chargingpoints and public.status_connectors.';
comment on schema ops is 'What was polled, what became of it, and the runs that dimensions are derived from.';

-- Facts ------------------------------------------------------------------------------------------
-- Stored without their keys, which follow from id and slot: a row takes about 70 bytes on disk with its
-- index. Fixed-width columns stand first, so that nothing is lost to alignment.

create table observation.charging_point (
  slot timestamptz not null,
  query_time timestamptz not null,
  day date not null,
  id_chargingpoint varchar collate "C" not null,
  status_cp varchar collate "C" not null,
  status_parkingsensor varchar collate "C"
) partition by list (day);

create index on observation.charging_point (id_chargingpoint);

create table observation.connector (
  slot timestamptz not null,
  query_time timestamptz not null,
  day date not null,
  id_connector varchar collate "C" not null,
  status_connector varchar collate "C" not null
) partition by list (day);

create index on observation.connector (id_connector);

create view public.status_chargingpoints as
select
  (id_chargingpoint || '@' || to_char(slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'))::varchar as id_status_cp,
  id_chargingpoint,
  query_time,
  status_cp,
  status_parkingsensor,
  slot,
  day
from observation.charging_point;

comment on view public.status_chargingpoints is 'Fact: the status of one charging point in one poll.';
comment on column public.status_chargingpoints.id_status_cp is 'Key: <id_chargingpoint>@<slot as 20220111T2050Z>, the same on every machine.';
comment on column public.status_chargingpoints.id_chargingpoint is 'The charging point: charging_point.id_cp.';
comment on column public.status_chargingpoints.query_time is 'When the feed says that it answered; the receipt where it does not say or can''t be believed.';
comment on column public.status_chargingpoints.status_cp is 'Status as the feed gave it: AVAILABLE, CHARGING, UNKNOWN, RESERVED, BLOCKED, OUTOFORDER, INOPERATIVE or a new one.';
comment on column public.status_chargingpoints.status_parkingsensor is 'What the parking sensor says: AVAILABLE or OCCUPIED; null where there is none.';
comment on column public.status_chargingpoints.slot is 'The instant that the poll was scheduled for.';
comment on column public.status_chargingpoints.day is 'The local day of the slot.';

create view public.status_connectors as
select
  (id_connector || '@' || to_char(slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'))::varchar as id_status_connectors,
  id_connector,
  query_time,
  status_connector,
  slot,
  day
from observation.connector;

comment on view public.status_connectors is 'Fact: the status of one connector in one poll.';
comment on column public.status_connectors.id_status_connectors is 'Key: <id_connector>@<slot as 20220111T2050Z>, the same on every machine.';
comment on column public.status_connectors.id_connector is 'The connector: connector.id_connector.';
comment on column public.status_connectors.query_time is 'When the feed says that it answered; the receipt where it does not say or can''t be believed.';
comment on column public.status_connectors.status_connector is 'Status as the feed gave it; where the feed gives connectors none, the charging point''s.';
comment on column public.status_connectors.slot is 'The instant that the poll was scheduled for.';
comment on column public.status_connectors.day is 'The local day of the slot.';

-- Dimensions: the latest version of everything ever seen -------------------------------------------

create table public.charging_station (
  id_cs int primary key,
  name varchar,
  address varchar,
  city varchar,
  postal_code varchar,
  country varchar,
  owner varchar,
  roaming boolean,
  longitude float8,
  latitude float8,
  operator_name varchar,
  operator_hotline varchar,
  open_24_7 boolean,
  opening_hours jsonb,
  directions varchar,
  source varchar not null,
  source_id varchar not null,
  feed varchar not null,
  last_seen timestamptz not null
);

comment on table public.charging_station is 'Dimension: charging stations, the latest version of each, the retired included.';
comment on column public.charging_station.id_cs is 'Key: the source''s number of the station; a negative hash where the source has no numbers.';
comment on column public.charging_station.name is 'Name; not unique.';
comment on column public.charging_station.address is 'Street and number.';
comment on column public.charging_station.city is 'City; the feed is not the city.';
comment on column public.charging_station.postal_code is 'Postal code.';
comment on column public.charging_station.country is 'Country, ISO 3166-1 alpha-2.';
comment on column public.charging_station.owner is 'Owner, where it is named.';
comment on column public.charging_station.roaming is 'Whether the station is open to other networks'' customers.';
comment on column public.charging_station.longitude is 'Degrees, EPSG:4326.';
comment on column public.charging_station.latitude is 'Degrees, EPSG:4326.';
comment on column public.charging_station.operator_name is 'Operator as the feed spells it.';
comment on column public.charging_station.operator_hotline is 'The operator''s telephone number.';
comment on column public.charging_station.open_24_7 is 'Whether the station is always open.';
comment on column public.charging_station.opening_hours is 'Opening hours where it is not: array of {weekday: 1 (Monday) to 7 or "holiday", begin, end}, local "HH:MM"; an end not after its begin is on the next day.';
comment on column public.charging_station.directions is 'How to find it.';
comment on column public.charging_station.source is 'The feed dialect it was read from.';
comment on column public.charging_station.source_id is 'The source''s own id.';
comment on column public.charging_station.feed is 'The feed that showed it last.';
comment on column public.charging_station.last_seen is 'The last slot in which it was seen.';

create table public.charging_point (
  id_cp varchar collate "C" primary key,
  id_cs int not null references public.charging_station deferrable initially deferred,
  charging_station_position varchar,
  cp_position varchar,
  vehicle_type varchar,
  floor_level varchar,
  evse_id varchar,
  physical_reference varchar,
  cp_parking_space_numbers varchar,
  public_comment varchar,
  roaming boolean,
  reservable boolean,
  capabilities jsonb,
  source varchar not null,
  feed varchar not null,
  last_seen timestamptz not null
);

create index on public.charging_point (id_cs);
create index on public.charging_point (evse_id);

comment on table public.charging_point is 'Dimension: charging points (EVSEs), the latest version of each, the retired included.';
comment on column public.charging_point.id_cp is 'Key: the source''s technical id (uid), stable when an operator renumbers its EVSE-IDs.';
comment on column public.charging_point.id_cs is 'Its charging station.';
comment on column public.charging_point.charging_station_position is 'Where its station stands.';
comment on column public.charging_point.cp_position is 'Where it is at the station.';
comment on column public.charging_point.vehicle_type is 'Vehicles that it is for.';
comment on column public.charging_point.floor_level is 'Floor.';
comment on column public.charging_point.evse_id is 'The EVSE-ID that people know, such as DE*REK*E00025*001; it may change.';
comment on column public.charging_point.physical_reference is 'What is written on it.';
comment on column public.charging_point.cp_parking_space_numbers is 'Numbers of its parking spaces.';
comment on column public.charging_point.public_comment is 'The operator''s comment.';
comment on column public.charging_point.roaming is 'Whether it is open to other networks'' customers.';
comment on column public.charging_point.reservable is 'Whether it can be reserved.';
comment on column public.charging_point.capabilities is 'What it can do: sorted array of OCPI capabilities.';
comment on column public.charging_point.source is 'The feed dialect it was read from.';
comment on column public.charging_point.feed is 'The feed that showed it last.';
comment on column public.charging_point.last_seen is 'The last slot in which it was seen.';

create table public.connector (
  id_connector varchar collate "C" primary key,
  id_cp varchar collate "C" not null references public.charging_point deferrable initially deferred,
  format varchar,
  power_type varchar,
  ampere int,
  voltage int,
  max_power int,
  standard varchar,
  source varchar not null,
  feed varchar not null,
  last_seen timestamptz not null
);

create index on public.connector (id_cp);

comment on table public.connector is 'Dimension: connectors, the latest version of each, the retired included.';
comment on column public.connector.id_connector is 'Key: the source''s id of the connector.';
comment on column public.connector.id_cp is 'Its charging point.';
comment on column public.connector.format is 'SOCKET or CABLE.';
comment on column public.connector.power_type is 'AC_1_PHASE, AC_3_PHASE or DC.';
comment on column public.connector.ampere is 'Maximum current, A.';
comment on column public.connector.voltage is 'Voltage, V.';
comment on column public.connector.max_power is 'Maximum power, kW.';
comment on column public.connector.standard is 'Plug, such as IEC_62196_T2.';
comment on column public.connector.source is 'The feed dialect it was read from.';
comment on column public.connector.feed is 'The feed that showed it last.';
comment on column public.connector.last_seen is 'The last slot in which it was seen.';

create table public.time (
  query_time timestamptz primary key,
  hour int4 not null,
  day int4 not null,
  week int4 not null,
  month int4 not null,
  year int4 not null,
  weekday int4 not null
);

comment on table public.time is 'Dimension: every query_time of both facts, with its parts in the project''s time zone.';
comment on column public.time.query_time is 'Key.';
comment on column public.time.hour is 'Local hour, 0 to 23.';
comment on column public.time.day is 'Local day of the month, 1 to 31.';
comment on column public.time.week is 'ISO week, 1 to 53.';
comment on column public.time.month is 'Local month, 1 to 12.';
comment on column public.time.year is 'Local year.';
comment on column public.time.weekday is 'Weekday, 0 (Sunday) to 6.';

-- Runs: what each entity looked like, from which poll to which -------------------------------------

create table ops.charging_station_run (
  day date not null,
  id_cs int not null,
  feed varchar collate "C" not null,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  polls int not null,
  source varchar not null,
  source_id varchar collate "C" not null,
  name varchar,
  address varchar,
  city varchar,
  postal_code varchar,
  country varchar,
  owner varchar,
  roaming boolean,
  longitude float8,
  latitude float8,
  operator_name varchar,
  operator_hotline varchar,
  open_24_7 boolean,
  opening_hours jsonb,
  directions varchar
);

create index on ops.charging_station_run (day);
create index on ops.charging_station_run (id_cs, last_slot);

create table ops.charging_point_run (
  day date not null,
  id_cp varchar collate "C" not null,
  feed varchar collate "C" not null,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  polls int not null,
  id_cs int not null,
  source varchar not null,
  evse_id varchar,
  charging_station_position varchar,
  cp_position varchar,
  vehicle_type varchar,
  floor_level varchar,
  physical_reference varchar,
  cp_parking_space_numbers varchar,
  public_comment varchar,
  roaming boolean,
  reservable boolean,
  capabilities jsonb
);

create index on ops.charging_point_run (day);
create index on ops.charging_point_run (id_cp, last_slot);

create table ops.connector_run (
  day date not null,
  id_connector varchar collate "C" not null,
  feed varchar collate "C" not null,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  polls int not null,
  id_cp varchar collate "C" not null,
  source varchar not null,
  standard varchar,
  format varchar,
  power_type varchar,
  ampere int,
  voltage int,
  max_power int
);

create index on ops.connector_run (day);
create index on ops.connector_run (id_connector, last_slot);

comment on table ops.charging_station_run is 'Stretches of consecutive polls of one day in which a station was seen with equal content.';
comment on table ops.charging_point_run is 'Stretches of consecutive polls of one day in which a charging point was seen with equal content.';
comment on table ops.connector_run is 'Stretches of consecutive polls of one day in which a connector was seen with equal content.';

comment on column ops.charging_station_run.day is 'The local day of these polls.';
comment on column ops.charging_station_run.id_cs is 'The station.';
comment on column ops.charging_station_run.feed is 'The feed that showed it.';
comment on column ops.charging_station_run.first_slot is 'The first slot with this content.';
comment on column ops.charging_station_run.last_slot is 'The last slot with this content.';
comment on column ops.charging_station_run.polls is 'How many polls that are; it was seen in each.';
comment on column ops.charging_point_run.day is 'The local day of these polls.';
comment on column ops.charging_point_run.id_cp is 'The charging point.';
comment on column ops.charging_point_run.feed is 'The feed that showed it.';
comment on column ops.charging_point_run.first_slot is 'The first slot with this content.';
comment on column ops.charging_point_run.last_slot is 'The last slot with this content.';
comment on column ops.charging_point_run.polls is 'How many polls that are; it was seen in each.';
comment on column ops.connector_run.day is 'The local day of these polls.';
comment on column ops.connector_run.id_connector is 'The connector.';
comment on column ops.connector_run.feed is 'The feed that showed it.';
comment on column ops.connector_run.first_slot is 'The first slot with this content.';
comment on column ops.connector_run.last_slot is 'The last slot with this content.';
comment on column ops.connector_run.polls is 'How many polls that are; it was seen in each.';

-- What is left are the dimensions' own columns, and they mean the same.
do $$
declare
  attribute record;
begin
  for attribute in
    select run.attrelid::regclass as run, run.attname as name, col_description(dimension.attrelid, dimension.attnum) as meaning
    from (values ('charging_station'), ('charging_point'), ('connector')) as entity (name)
    join pg_attribute as run on run.attrelid = format('ops.%s_run', entity.name)::regclass and run.attnum > 0
    join pg_attribute as dimension
      on dimension.attrelid = format('public.%s', entity.name)::regclass and dimension.attname = run.attname
    where col_description(run.attrelid, run.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', attribute.run, attribute.name, attribute.meaning);
  end loop;
end
$$;

-- What was polled and what became of it -------------------------------------------------------------

create table ops.poll (
  day date not null,
  feed varchar collate "C" not null,
  slot timestamptz not null,
  received_at timestamptz not null,
  query_time timestamptz not null,
  key varchar not null,
  stations int not null,
  charging_points int not null,
  connectors int not null,
  charging_point_facts int not null,
  connector_facts int not null,
  quarantined int not null,
  primary key (day, feed, slot)
);

create index on ops.poll (query_time);

comment on table ops.poll is 'Every poll that was loaded: one a feed and slot.';
comment on column ops.poll.day is 'The local day of the slot.';
comment on column ops.poll.feed is 'The feed.';
comment on column ops.poll.slot is 'The instant that the poll was scheduled for.';
comment on column ops.poll.received_at is 'When the answer had arrived.';
comment on column ops.poll.query_time is 'When the feed says that it answered; the receipt where it does not say or can''t be believed.';
comment on column ops.poll.key is 'The answer''s key in the raw store.';
comment on column ops.poll.stations is 'Stations in the answer.';
comment on column ops.poll.charging_points is 'Charging points in the answer, the quarantined and doubled ones included.';
comment on column ops.poll.connectors is 'Connectors in the answer, the quarantined and doubled ones included.';
comment on column ops.poll.charging_point_facts is 'Rows that it made in status_chargingpoints.';
comment on column ops.poll.connector_facts is 'Rows that it made in status_connectors.';
comment on column ops.poll.quarantined is 'Records of it that were quarantined; a poll without any is trusted to be complete.';

create table ops.ledger (
  day date not null,
  feed varchar collate "C" not null,
  bodies int not null,
  parsed int not null,
  unreadable int not null,
  surplus int not null,
  charging_points_read bigint not null,
  charging_point_facts bigint not null,
  charging_points_quarantined bigint not null,
  charging_point_duplicates bigint not null,
  connectors_read bigint not null,
  connector_facts bigint not null,
  connectors_quarantined bigint not null,
  connector_duplicates bigint not null,
  stations_quarantined bigint not null,
  inventory varchar not null,
  primary key (day, feed),
  check (bodies = parsed + unreadable + surplus),
  check (charging_points_read = charging_point_facts + charging_points_quarantined + charging_point_duplicates),
  check (connectors_read = connector_facts + connectors_quarantined + connector_duplicates)
);

comment on table ops.ledger is 'What became of every answer and record of a feed''s day; its sums add up.';
comment on column ops.ledger.day is 'The local day.';
comment on column ops.ledger.feed is 'The feed.';
comment on column ops.ledger.bodies is 'Good answers in the raw store = parsed + unreadable + surplus.';
comment on column ops.ledger.parsed is 'Answers that were read: one a slot.';
comment on column ops.ledger.unreadable is 'Answers that could not be read, each with its entry in ops.quarantine.';
comment on column ops.ledger.surplus is 'Answers of a slot that had an earlier readable one.';
comment on column ops.ledger.charging_points_read is '= charging_point_facts + charging_points_quarantined + charging_point_duplicates.';
comment on column ops.ledger.charging_point_facts is 'Rows in status_chargingpoints.';
comment on column ops.ledger.charging_points_quarantined is 'Charging points that made no fact, since their uid or status could not be read or is another''s.';
comment on column ops.ledger.charging_point_duplicates is 'Charging points that the same answer had already shown.';
comment on column ops.ledger.connectors_read is '= connector_facts + connectors_quarantined + connector_duplicates.';
comment on column ops.ledger.connector_facts is 'Rows in status_connectors.';
comment on column ops.ledger.connectors_quarantined is 'Connectors that made no fact, since their id or status could not be read or is another''s.';
comment on column ops.ledger.connector_duplicates is 'Connectors that the same answer had already shown.';
comment on column ops.ledger.stations_quarantined is 'Stations whose id could not be read, is taken, or is another feed''s.';
comment on column ops.ledger.inventory is 'Digest of the raw inventory that the day was built from.';

create table ops.quarantine (
  day date not null,
  feed varchar collate "C" not null,
  entity varchar not null,
  id varchar,
  path varchar not null,
  reason varchar not null,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  occurrences int not null,
  key varchar not null
);

create index on ops.quarantine (day);

comment on table ops.quarantine is 'Records that could not be read and made no fact, with their first place and how often.';
comment on column ops.quarantine.day is 'The local day.';
comment on column ops.quarantine.feed is 'The feed.';
comment on column ops.quarantine.entity is 'What it is: poll, station, charging_point or connector.';
comment on column ops.quarantine.id is 'Its id, where that could be read.';
comment on column ops.quarantine.path is 'JSON path in the answer.';
comment on column ops.quarantine.reason is 'Why it makes no fact.';
comment on column ops.quarantine.first_slot is 'The first slot of the day with it.';
comment on column ops.quarantine.last_slot is 'The last slot of the day with it.';
comment on column ops.quarantine.occurrences is 'Answers of the day with it.';
comment on column ops.quarantine.key is 'The first such answer''s key in the raw store.';

create table ops.field_issue (
  day date not null,
  feed varchar collate "C" not null,
  entity varchar not null,
  id varchar,
  field varchar not null,
  reason varchar not null,
  path varchar not null,
  value varchar,
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  occurrences int not null,
  key varchar not null
);

create index on ops.field_issue (day);

comment on table ops.field_issue is 'Attributes that could not be read, or are new: the record was loaded all the same.';
comment on column ops.field_issue.day is 'The local day.';
comment on column ops.field_issue.feed is 'The feed.';
comment on column ops.field_issue.entity is 'What it belongs to: poll, station, charging_point or connector.';
comment on column ops.field_issue.id is 'The id of that, where it has one.';
comment on column ops.field_issue.field is 'The attribute.';
comment on column ops.field_issue.reason is 'What is wrong with it, or new.';
comment on column ops.field_issue.path is 'JSON path in the first such answer.';
comment on column ops.field_issue.value is 'The value as JSON, cut to 200 characters.';
comment on column ops.field_issue.first_slot is 'The first slot of the day with it.';
comment on column ops.field_issue.last_slot is 'The last slot of the day with it.';
comment on column ops.field_issue.occurrences is 'Records of the day with it.';
comment on column ops.field_issue.key is 'The first such answer''s key in the raw store.';

create table ops.day_revision (
  day date not null,
  revision int not null,
  published_at timestamptz not null default now(),
  reason varchar not null,
  load varchar not null,
  primary key (day, revision)
);

comment on table ops.day_revision is 'Every publication of a day: tells copies downstream that a past day changed.';
comment on column ops.day_revision.day is 'The local day.';
comment on column ops.day_revision.revision is 'Counts the publications of the day, from 1.';
comment on column ops.day_revision.published_at is 'When readers could see it.';
comment on column ops.day_revision.reason is 'Why it was loaded.';
comment on column ops.day_revision.load is 'The run id of the workflow loadDay that published it.';

-- Readers ---------------------------------------------------------------------------------------------
-- A role is the whole server's; where the owner may not make one, readers use what role they are given.

do $$
begin
  if not exists (select from pg_roles where rolname = 'ladepuls_reader') then
    create role ladepuls_reader nologin;
  end if;
exception
  when insufficient_privilege then
    raise notice 'no role ladepuls_reader: this user may not create roles';
  when duplicate_object or unique_violation then
    null; -- another database of this server was set up at the same moment
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'ladepuls_reader') then
    grant usage on schema public, observation, ops to ladepuls_reader;
    grant select on all tables in schema public, observation, ops to ladepuls_reader;
    alter default privileges in schema public, observation, ops grant select on tables to ladepuls_reader;
    -- The owner may then act as a reader: `ladepuls sql` does.
    execute format('grant ladepuls_reader to %I', current_user);
  end if;
end
$$;

-- The warehouse on Redshift: the tables. Readers see them through the views of schema public (the next file), which
-- find them by name: a rebuilt warehouse takes their place when the schemas warehouse and ops are renamed.
--
-- The columns, their types and meanings are those of sql/postgres, of which docs/data-model.md tells. What differs:
-- * No keys are declared. Redshift enforces none, and its planner believes those that are declared: where one were
--   broken, answers would be wrong. Loads verify what keys would promise, and refuse to publish.
-- * Every varchar has a length, in bytes: src/domain/textBytes.ts, by which texts are cut while they are cleaned.
-- * JSON is SUPER where readers see it, and its canonical text in the runs, where contents are compared.
--
-- DISTKEY, SORTKEY and ENCODE:
-- * Facts are distributed by the entity, so that a day lies evenly on all slices and an entity on one; they are sorted
--   by day, so that replacing a day and reading some days touch the blocks of these only, then by entity and slot, so that
--   an entity's day is a few neighbouring blocks and its id compresses to nearly nothing.
-- * Dimensions, histories and `time` are small (thousands of rows, at 100 times the fleet some 100,000s): every node has a
--   copy (DISTSTYLE ALL), and no join with facts moves a row.
-- * Runs are distributed by their entity, because histories are derived entity by entity; polls by their feed.
-- * The first column of a sort key is RAW, because what is compressed much more than the rest spoils the skipping of
--   blocks; numbers and times are AZ64, texts ZSTD: AWS' own defaults, written down.

create schema warehouse;
create schema ops;

-- Facts ------------------------------------------------------------------------------------------
-- Stored without their keys, which follow from id and slot.

create table warehouse.charging_point_fact (
  day date not null encode raw,
  id_chargingpoint varchar(256) not null encode zstd,
  slot timestamptz not null encode az64,
  query_time timestamptz not null encode az64,
  status_cp varchar(256) not null encode zstd,
  status_parkingsensor varchar(256) encode zstd
)
distkey (id_chargingpoint)
compound sortkey (day, id_chargingpoint, slot);

create table warehouse.connector_fact (
  day date not null encode raw,
  id_connector varchar(256) not null encode zstd,
  slot timestamptz not null encode az64,
  query_time timestamptz not null encode az64,
  status_connector varchar(256) not null encode zstd
)
distkey (id_connector)
compound sortkey (day, id_connector, slot);

-- Dimensions: the latest version of everything ever seen -------------------------------------------

create table warehouse.charging_station (
  id_cs int not null encode raw,
  name varchar(1024) encode zstd,
  address varchar(1024) encode zstd,
  city varchar(512) encode zstd,
  postal_code varchar(128) encode zstd,
  country varchar(256) encode zstd,
  owner varchar(1024) encode zstd,
  roaming boolean encode zstd,
  longitude float8 encode zstd,
  latitude float8 encode zstd,
  operator_name varchar(1024) encode zstd,
  operator_hotline varchar(256) encode zstd,
  open_24_7 boolean encode zstd,
  opening_hours super encode zstd,
  directions varchar(8192) encode zstd,
  source varchar(64) not null encode zstd,
  source_id varchar(256) not null encode zstd,
  feed varchar(64) not null encode zstd,
  last_seen timestamptz not null encode az64,
  retired_at timestamptz encode az64
)
diststyle all
sortkey (id_cs);

create table warehouse.charging_point (
  id_cp varchar(256) not null encode raw,
  id_cs int not null encode az64,
  charging_station_position varchar(1024) encode zstd,
  cp_position varchar(1024) encode zstd,
  vehicle_type varchar(256) encode zstd,
  floor_level varchar(256) encode zstd,
  evse_id varchar(256) encode zstd,
  physical_reference varchar(256) encode zstd,
  cp_parking_space_numbers varchar(1024) encode zstd,
  public_comment varchar(8192) encode zstd,
  roaming boolean encode zstd,
  reservable boolean encode zstd,
  capabilities super encode zstd,
  source varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  last_seen timestamptz not null encode az64,
  retired_at timestamptz encode az64
)
diststyle all
sortkey (id_cp);

create table warehouse.connector (
  id_connector varchar(256) not null encode raw,
  id_cp varchar(256) not null encode zstd,
  format varchar(256) encode zstd,
  power_type varchar(256) encode zstd,
  ampere int encode az64,
  voltage int encode az64,
  max_power int encode az64,
  standard varchar(256) encode zstd,
  source varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  last_seen timestamptz not null encode az64,
  retired_at timestamptz encode az64
)
diststyle all
sortkey (id_connector);

create table warehouse."time" (
  query_time timestamptz not null encode raw,
  hour int not null encode az64,
  day int not null encode az64,
  week int not null encode az64,
  month int not null encode az64,
  year int not null encode az64,
  weekday int not null encode az64
)
diststyle all
sortkey (query_time);

-- History (type 2) ---------------------------------------------------------------------------------

create table warehouse.charging_station_history (
  id_cs int not null encode raw,
  name varchar(1024) encode zstd,
  address varchar(1024) encode zstd,
  city varchar(512) encode zstd,
  postal_code varchar(128) encode zstd,
  country varchar(256) encode zstd,
  owner varchar(1024) encode zstd,
  roaming boolean encode zstd,
  longitude float8 encode zstd,
  latitude float8 encode zstd,
  operator_name varchar(1024) encode zstd,
  operator_hotline varchar(256) encode zstd,
  open_24_7 boolean encode zstd,
  opening_hours super encode zstd,
  directions varchar(8192) encode zstd,
  source varchar(64) not null encode zstd,
  source_id varchar(256) not null encode zstd,
  feed varchar(64) not null encode zstd,
  valid_from timestamptz not null encode az64,
  valid_to timestamptz encode az64,
  is_current boolean not null encode zstd,
  changed varchar(1024) encode zstd
)
diststyle all
compound sortkey (id_cs, valid_from);

create table warehouse.charging_point_history (
  id_cp varchar(256) not null encode raw,
  id_cs int not null encode az64,
  charging_station_position varchar(1024) encode zstd,
  cp_position varchar(1024) encode zstd,
  vehicle_type varchar(256) encode zstd,
  floor_level varchar(256) encode zstd,
  evse_id varchar(256) encode zstd,
  physical_reference varchar(256) encode zstd,
  cp_parking_space_numbers varchar(1024) encode zstd,
  public_comment varchar(8192) encode zstd,
  roaming boolean encode zstd,
  reservable boolean encode zstd,
  capabilities super encode zstd,
  source varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  valid_from timestamptz not null encode az64,
  valid_to timestamptz encode az64,
  is_current boolean not null encode zstd,
  changed varchar(1024) encode zstd
)
diststyle all
compound sortkey (id_cp, valid_from);

create table warehouse.connector_history (
  id_connector varchar(256) not null encode raw,
  id_cp varchar(256) not null encode zstd,
  format varchar(256) encode zstd,
  power_type varchar(256) encode zstd,
  ampere int encode az64,
  voltage int encode az64,
  max_power int encode az64,
  standard varchar(256) encode zstd,
  source varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  valid_from timestamptz not null encode az64,
  valid_to timestamptz encode az64,
  is_current boolean not null encode zstd,
  changed varchar(1024) encode zstd
)
diststyle all
compound sortkey (id_connector, valid_from);

-- Runs: what each entity looked like, from which poll to which -------------------------------------

create table ops.charging_station_run (
  day date not null encode raw,
  id_cs int not null encode az64,
  feed varchar(64) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  polls int not null encode az64,
  source varchar(64) not null encode zstd,
  source_id varchar(256) not null encode zstd,
  name varchar(1024) encode zstd,
  address varchar(1024) encode zstd,
  city varchar(512) encode zstd,
  postal_code varchar(128) encode zstd,
  country varchar(256) encode zstd,
  owner varchar(1024) encode zstd,
  roaming boolean encode zstd,
  longitude float8 encode zstd,
  latitude float8 encode zstd,
  operator_name varchar(1024) encode zstd,
  operator_hotline varchar(256) encode zstd,
  open_24_7 boolean encode zstd,
  opening_hours varchar(16384) encode zstd,
  directions varchar(8192) encode zstd
)
distkey (id_cs)
compound sortkey (day, id_cs);

create table ops.charging_point_run (
  day date not null encode raw,
  id_cp varchar(256) not null encode zstd,
  feed varchar(64) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  polls int not null encode az64,
  id_cs int not null encode az64,
  source varchar(64) not null encode zstd,
  evse_id varchar(256) encode zstd,
  charging_station_position varchar(1024) encode zstd,
  cp_position varchar(1024) encode zstd,
  vehicle_type varchar(256) encode zstd,
  floor_level varchar(256) encode zstd,
  physical_reference varchar(256) encode zstd,
  cp_parking_space_numbers varchar(1024) encode zstd,
  public_comment varchar(8192) encode zstd,
  roaming boolean encode zstd,
  reservable boolean encode zstd,
  capabilities varchar(8192) encode zstd
)
distkey (id_cp)
compound sortkey (day, id_cp);

create table ops.connector_run (
  day date not null encode raw,
  id_connector varchar(256) not null encode zstd,
  feed varchar(64) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  polls int not null encode az64,
  id_cp varchar(256) not null encode zstd,
  source varchar(64) not null encode zstd,
  standard varchar(256) encode zstd,
  format varchar(256) encode zstd,
  power_type varchar(256) encode zstd,
  ampere int encode az64,
  voltage int encode az64,
  max_power int encode az64
)
distkey (id_connector)
compound sortkey (day, id_connector);

-- What was polled and what became of it -------------------------------------------------------------

create table ops.poll (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  slot timestamptz not null encode az64,
  received_at timestamptz not null encode az64,
  query_time timestamptz not null encode az64,
  key varchar(512) not null encode zstd,
  stations int not null encode az64,
  charging_points int not null encode az64,
  connectors int not null encode az64,
  charging_point_facts int not null encode az64,
  connector_facts int not null encode az64,
  quarantined int not null encode az64,
  complete boolean not null default false encode zstd
)
distkey (feed)
compound sortkey (day, feed, slot);

create table ops.ledger (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  bodies int not null encode az64,
  parsed int not null encode az64,
  unreadable int not null encode az64,
  surplus int not null encode az64,
  charging_points_read bigint not null encode az64,
  charging_point_facts bigint not null encode az64,
  charging_points_quarantined bigint not null encode az64,
  charging_point_duplicates bigint not null encode az64,
  connectors_read bigint not null encode az64,
  connector_facts bigint not null encode az64,
  connectors_quarantined bigint not null encode az64,
  connector_duplicates bigint not null encode az64,
  stations_quarantined bigint not null encode az64,
  inventory varchar(128) not null encode zstd
)
distkey (feed)
compound sortkey (day, feed);

create table ops.quarantine (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  entity varchar(32) not null encode zstd,
  id varchar(512) encode zstd,
  path varchar(4096) not null encode zstd,
  reason varchar(128) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  occurrences int not null encode az64,
  key varchar(512) not null encode zstd
)
distkey (feed)
compound sortkey (day, feed);

create table ops.field_issue (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  entity varchar(32) not null encode zstd,
  id varchar(512) encode zstd,
  field varchar(1024) not null encode zstd,
  reason varchar(128) not null encode zstd,
  path varchar(4096) not null encode zstd,
  value varchar(1024) encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  occurrences int not null encode az64,
  key varchar(512) not null encode zstd
)
distkey (feed)
compound sortkey (day, feed);

-- One row a feed and day, and one a publication: too few for blocks to matter.

create table ops.coverage (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  expected int not null encode az64,
  stored int not null encode az64,
  failed int not null encode az64,
  missed int not null encode az64,
  unexpected int not null encode az64
)
distkey (feed)
compound sortkey (day, feed);

create table ops.coverage_gap (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  slots int not null encode az64,
  outcome varchar(32) not null encode zstd,
  reason varchar(128) not null encode zstd,
  from_start boolean not null encode zstd,
  to_end boolean not null encode zstd
)
distkey (feed)
compound sortkey (day, feed);

create table ops.day_revision (
  day date not null encode raw,
  revision int not null encode az64,
  published_at timestamptz not null encode az64,
  reason varchar(1024) not null encode zstd,
  load varchar(128) not null encode zstd,
  loaded_until timestamptz encode az64
)
diststyle all
compound sortkey (day, revision);

create table ops.archived_day (
  day date not null encode raw,
  charging_point_facts bigint not null encode az64,
  connector_facts bigint not null encode az64,
  archived_at timestamptz not null encode az64,
  restored_at timestamptz encode az64
)
diststyle all
sortkey (day);

-- The whole numbers from 0, as many as a day of 25 hours has minutes: views join it where Postgres has generate_series,
-- which Redshift's compute nodes lack.

create table ladepuls.step (
  step int not null encode raw
)
diststyle all
sortkey (step);

insert into ladepuls.step (step)
with digit as (
  select 0 as n
  union all select 1
  union all select 2
  union all select 3
  union all select 4
  union all select 5
  union all select 6
  union all select 7
  union all select 8
  union all select 9
)
select thousands.n * 1000 + hundreds.n * 100 + tens.n * 10 + ones.n
from digit as thousands
cross join digit as hundreds
cross join digit as tens
cross join digit as ones
where thousands.n * 1000 + hundreds.n * 100 + tens.n * 10 + ones.n < 1500;

-- A station's number becomes bigint: a source without numbers gets a hash of 53 bits. Redshift changes the type of no column but
-- varchar, and drops none that a table is sorted or distributed by. So the tables are made anew, in which there is nothing yet:
-- this runs where no day is published, and on the tables of a rebuild (src/warehouse/redshift/migrate.ts). Views of schema public
-- bind late, and stay.

drop table warehouse.charging_station;

create table warehouse.charging_station (
  id_cs bigint not null encode raw,
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

drop table warehouse.charging_point;

create table warehouse.charging_point (
  id_cp varchar(256) not null encode raw,
  id_cs bigint not null encode az64,
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

drop table warehouse.charging_station_history;

create table warehouse.charging_station_history (
  id_cs bigint not null encode raw,
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

drop table warehouse.charging_point_history;

create table warehouse.charging_point_history (
  id_cp varchar(256) not null encode raw,
  id_cs bigint not null encode az64,
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

drop table ops.charging_station_run;

create table ops.charging_station_run (
  day date not null encode raw,
  id_cs bigint not null encode az64,
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

drop table ops.charging_point_run;

create table ops.charging_point_run (
  day date not null encode raw,
  id_cp varchar(256) not null encode zstd,
  feed varchar(64) not null encode zstd,
  first_slot timestamptz not null encode az64,
  last_slot timestamptz not null encode az64,
  polls int not null encode az64,
  id_cs bigint not null encode az64,
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

-- Of a poll's key in the raw store only the digest is stored: polls/<feed>/<day>/<slot>/<received_at>-<digest>.json.gz.
drop table ops.poll;

create table ops.poll (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  slot timestamptz not null encode az64,
  received_at timestamptz not null encode az64,
  query_time timestamptz not null encode az64,
  digest varchar(32) not null encode zstd,
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

-- Measures on Redshift: how long a status lasted. Columns and meanings are those of sql/postgres, of which
-- docs/data-model.md tells.
--
-- DISTKEY and SORTKEY: all of it is distributed by the charging point, as its facts and runs are, so that it is derived
-- without moving a row; and sorted by day, so that a load touches the blocks of its own days, and whoever asks for some days
-- reads no others. Hours of the calendar are few: every node has a copy.

-- People's own tables: a rebuild, which renames the schemas warehouse and ops, leaves them alone. Nothing enforces their keys.

create schema if not exists config;

create table config.status_group (
  status varchar(256) not null encode raw,
  status_group varchar(32) not null encode zstd,
  is_charging boolean not null encode zstd
)
diststyle all
sortkey (status);

insert into config.status_group (status, status_group, is_charging) values
('AVAILABLE', 'available', false),
('CHARGING', 'occupied', true),
('RESERVED', 'occupied', false),
('BLOCKED', 'occupied', false),
('OUTOFORDER', 'out_of_service', false),
('INOPERATIVE', 'out_of_service', false),
('UNKNOWN', 'unknown', false);

create table config.operator_spelling (
  spelling varchar(1024) not null encode raw,
  operator varchar(1024) not null encode zstd
)
diststyle all
sortkey (spelling);

-- Redshift has no -infinity: an interval that holds from the day's beginning is since the year 1.

create table ops.feed_interval (
  day date not null encode raw,
  feed varchar(64) not null encode zstd,
  since timestamptz not null encode az64,
  interval_minutes int not null encode az64
)
distkey (feed)
compound sortkey (day, feed);

create table ops.status_interval (
  day date not null encode raw,
  id_cp varchar(256) not null encode zstd,
  start_at timestamptz not null encode az64,
  end_at timestamptz not null encode az64,
  status varchar(256) not null encode zstd,
  interval_minutes int not null encode az64
)
distkey (id_cp)
compound sortkey (day, id_cp, start_at);

create table warehouse.status_event (
  id_cp varchar(256) not null encode zstd,
  start_at timestamptz not null encode az64,
  end_at timestamptz not null encode az64,
  day date not null encode raw,
  observed_minutes int not null encode az64,
  interval_minutes int not null encode az64,
  status varchar(256) not null encode zstd,
  status_before varchar(256) encode zstd,
  status_after varchar(256) encode zstd,
  start_cut varchar(32) encode zstd,
  end_cut varchar(32) encode zstd
)
distkey (id_cp)
compound sortkey (day, id_cp, start_at);

create table warehouse.calendar_hour (
  hour timestamptz not null encode raw,
  day date not null encode az64,
  hour_of_day int not null encode az64,
  weekday int not null encode az64,
  week int not null encode az64,
  month int not null encode az64,
  year int not null encode az64
)
diststyle all
sortkey (hour);

create table warehouse.status_hour (
  day date not null encode raw,
  hour timestamptz not null encode az64,
  id_cp varchar(256) not null encode zstd,
  status varchar(256) not null encode zstd,
  minutes smallint not null encode az64
)
distkey (id_cp)
compound sortkey (day, id_cp, hour);

create view public.status_event as
select
  id_cp,
  start_at,
  end_at,
  day,
  observed_minutes,
  interval_minutes,
  status,
  status_before,
  status_after,
  start_cut,
  end_cut
from warehouse.status_event
with no schema binding;

create view public.calendar_hour as
select
  hour,
  day,
  hour_of_day,
  weekday,
  week,
  month,
  year
from warehouse.calendar_hour
with no schema binding;

create view public.status_hour as
select
  day,
  hour,
  id_cp,
  status,
  minutes
from warehouse.status_hour
with no schema binding;

-- Minutes are differences of epochs: those of DATEDIFF would follow the reader's time zone.

create view public.charging_event as
select
  event.id_cp,
  event.start_at,
  event.end_at,
  event.day,
  ((extract(epoch from event.end_at) - extract(epoch from event.start_at)) / 60)::int as duration_minutes,
  ((extract(epoch from event.end_at) - extract(epoch from event.start_at)) / 60)::int - event.observed_minutes
    as unobserved_minutes,
  event.status_before,
  event.status_after,
  event.start_cut,
  event.end_cut
from warehouse.status_event as event
join config.status_group as meaning on meaning.status = event.status
where meaning.is_charging
with no schema binding;

-- Facts as status spans: a fact is stored once for all consecutive polls that showed it, not once a poll. The two fact
-- views join spans with polls. This migration runs on a warehouse without any published day: `ladepuls rebuild` brings
-- an older one over.

-- first_slot, last_slot and day stand first: varlena columns behind them need no padding. last_slot is in no index,
-- so that an addition to the day can extend a span in its page (HOT); a twentieth of each page is left free for that.
-- A few pages of spans make millions of facts: so a scan is worth several processes, however small its table.
create table observation.charging_point_span (
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  day date not null,
  feed varchar collate "C" not null,
  id_chargingpoint varchar collate "C" not null,
  status_cp varchar collate "C" not null,
  status_parkingsensor varchar collate "C"
) with (fillfactor = 95, parallel_workers = 4);

create index on observation.charging_point_span (day, feed);
create index on observation.charging_point_span (id_chargingpoint, day);

create table observation.connector_span (
  first_slot timestamptz not null,
  last_slot timestamptz not null,
  day date not null,
  feed varchar collate "C" not null,
  id_connector varchar collate "C" not null,
  status_connector varchar collate "C" not null
) with (fillfactor = 95, parallel_workers = 4);

create index on observation.connector_span (day, feed);
create index on observation.connector_span (id_connector, day);

-- Few spans have the same first slot, last slot, feed and day. Told so, the planner keeps no polls of earlier spans to join
-- the next one with (Memoize), which takes more time than to look them up: a scan of a day or a month is a quarter faster.
alter table observation.charging_point_span alter column first_slot set (n_distinct = -1);
alter table observation.connector_span alter column first_slot set (n_distinct = -1);

comment on table observation.charging_point_span is 'Status spans: consecutive polls of a feed and day in which a charging point had the same status and parking sensor.';
comment on column observation.charging_point_span.first_slot is 'The slot of the first poll.';
comment on column observation.charging_point_span.last_slot is 'The slot of the last poll. The span covers every poll of its feed and day from first_slot to last_slot.';
comment on column observation.charging_point_span.day is 'The local day of these polls.';
comment on column observation.charging_point_span.feed is 'The feed that was polled.';
comment on column observation.charging_point_span.id_chargingpoint is 'The charging point: charging_point.id_cp.';
comment on column observation.charging_point_span.status_cp is 'Status as the feed gave it.';
comment on column observation.charging_point_span.status_parkingsensor is 'What the parking sensor says; null where there is none.';
comment on table observation.connector_span is 'Status spans: consecutive polls of a feed and day in which a connector had the same status.';
comment on column observation.connector_span.first_slot is 'The slot of the first poll.';
comment on column observation.connector_span.last_slot is 'The slot of the last poll. The span covers every poll of its feed and day from first_slot to last_slot.';
comment on column observation.connector_span.day is 'The local day of these polls.';
comment on column observation.connector_span.feed is 'The feed that was polled.';
comment on column observation.connector_span.id_connector is 'The connector: connector.id_connector.';
comment on column observation.connector_span.status_connector is 'Status as the feed gave it.';

-- Of a poll's key in the raw store only the digest is stored: the other columns tell the rest, and a key takes as much as
-- a quarter of its row.
alter table ops.poll drop column key;
alter table ops.poll add column digest varchar not null;
comment on column ops.poll.digest is 'The first 16 hexadecimal digits of the answer''s SHA-256. Its key in the raw store is polls/<feed>/<day>/<slot>/<received_at>-<digest>.json.gz.';

-- A poll's instant is read from the index alone, once vacuum has seen its page.
alter table ops.poll drop constraint poll_pkey;
alter table ops.poll add primary key (day, feed, slot) include (query_time);
create index on ops.poll (slot);

-- These tables hold years, and a day of them is what changes: autovacuum's thresholds are rows, and no share of a table.
-- Every publication analyzes them: a sample of 9,000 rows instead of 30,000 is enough for their columns, and takes a
-- quarter of the time. Nobody asks for polls by their digests.
do $$
declare
  tables regclass[] := array[
    'observation.charging_point_span', 'observation.connector_span', 'ops.poll'
  ]::regclass[];
  held regclass;
  analyzed record;
begin
  foreach held in array tables loop
    execute format(
      'alter table %s set (
        autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0,
        autovacuum_vacuum_insert_threshold = 5000,
        autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 5000
      )', held
    );
  end loop;
  for analyzed in
    select attrelid::regclass as name, attname
    from pg_attribute
    where attrelid = any (tables) and attnum > 0 and not attisdropped
  loop
    execute format(
      'alter table %s alter column %I set statistics %s',
      analyzed.name, analyzed.attname, case when analyzed.attname in ('digest', 'received_at') then 0 else 30 end
    );
  end loop;
end
$$;

-- Joined by the day as well: a condition on the day, or on a poll's instant, then reaches both tables.
create or replace view public.status_chargingpoints as
select
  (span.id_chargingpoint || '@' || to_char(poll.slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'))::varchar as id_status_cp,
  span.id_chargingpoint,
  poll.query_time,
  span.status_cp,
  span.status_parkingsensor,
  poll.slot,
  span.day
from observation.charging_point_span as span
join ops.poll as poll
  on
    poll.feed = span.feed
    and poll.day = span.day
    and poll.slot >= span.first_slot
    and poll.slot <= span.last_slot;

create or replace view public.status_connectors as
select
  (span.id_connector || '@' || to_char(poll.slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'))::varchar as id_status_connectors,
  span.id_connector,
  poll.query_time,
  span.status_connector,
  poll.slot,
  span.day
from observation.connector_span as span
join ops.poll as poll
  on
    poll.feed = span.feed
    and poll.day = span.day
    and poll.slot >= span.first_slot
    and poll.slot <= span.last_slot;

drop table observation.charging_point;
drop table observation.connector;

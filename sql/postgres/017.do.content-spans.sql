-- What was called a run is a content span: consecutive polls of one feed and day in which an entity had the same master data.
-- A run is a Temporal workflow run. Tables, indexes and constraints are renamed; views that read the tables follow.

alter table ops.charging_station_run rename to charging_station_content_span;
alter table ops.charging_point_run rename to charging_point_content_span;
alter table ops.connector_run rename to connector_content_span;

do $$
declare
  entity text;
  old_name text;
  new_name text;
  named record;
begin
  foreach entity in array array['charging_station', 'charging_point', 'connector'] loop
    old_name := entity || '_run';
    new_name := entity || '_content_span';
    for named in
      select conname as name from pg_constraint
      where conrelid = format('ops.%I', new_name)::regclass and starts_with(conname, old_name || '_')
    loop
      execute format('alter table ops.%I rename constraint %I to %I',
        new_name, named.name, new_name || substring(named.name from length(old_name) + 1));
    end loop;
    for named in
      select relname as name
      from pg_index
      join pg_class on pg_class.oid = indexrelid
      where indrelid = format('ops.%I', new_name)::regclass and starts_with(relname, old_name || '_')
    loop
      execute format('alter index ops.%I rename to %I',
        named.name, new_name || substring(named.name from length(old_name) + 1));
    end loop;
  end loop;
end
$$;

comment on table ops.charging_station_content_span is 'Content spans: consecutive polls of a feed and day in which a station had the same master data.';
comment on table ops.charging_point_content_span is 'Content spans: consecutive polls of a feed and day in which a charging point had the same master data.';
comment on table ops.connector_content_span is 'Content spans: consecutive polls of a feed and day in which a connector had the same master data.';

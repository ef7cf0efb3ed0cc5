-- What was called a run is a content span: consecutive polls of one feed and day in which an entity had the same master data.
-- A run is a Temporal workflow run. The tables keep their rows. No view reads them.

alter table ops.charging_station_run rename to charging_station_content_span;

alter table ops.charging_point_run rename to charging_point_content_span;

alter table ops.connector_run rename to connector_content_span;

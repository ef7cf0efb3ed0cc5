-- The load is examined.
drop table seen_charging_station;

drop table seen_charging_point;

drop table seen_connector;

-- Drop the temporary tables of the quality rules, after all rules were applied.
drop table seen_charging_station;

drop table seen_charging_point;

drop table seen_connector;

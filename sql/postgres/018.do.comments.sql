-- Comments on schemas, tables, views and columns in plain words, with the terms of docs/glossary.md. Apart from comments, nothing changes.

comment on schema observation is 'Facts as they are stored: status spans. Read them through the views public.status_chargingpoints and public.status_connectors.';
comment on schema ops is 'Polls, their outcomes, results of loads, and the content spans from which dimensions are derived.';
comment on table observation.charging_point_span is 'Status spans: consecutive polls of one feed and day in which a charging point and its parking sensor had the same statuses.';
comment on column observation.charging_point_span.day is 'Local day of these polls.';
comment on column observation.charging_point_span.status_parkingsensor is 'Status of the parking sensor: AVAILABLE or OCCUPIED; null if the charging point has no sensor.';
comment on column observation.connector_span.day is 'Local day of these polls.';
comment on table observation.connector_span is 'Status spans: consecutive polls of one feed and day in which a connector had the same status.';
comment on column observation.connector_span.status_connector is 'Status as the feed gave it. If the feed gives no status of connectors: the status of the charging point.';

comment on table public.calendar_hour is 'Dimension: each hour from the first loaded day to the end of the last loaded day.';
comment on column public.calendar_hour.hour is 'Key: beginning of the hour in UTC.';
comment on column public.calendar_hour.day is 'Local day of the beginning of the hour.';
comment on column public.calendar_hour.hour_of_day is 'Local hour, 0 to 23. On the day on which clocks go back, one local hour occurs twice.';
comment on column public.calendar_hour.weekday is 'Local weekday, 0 (Sunday) to 6.';
comment on column public.calendar_hour.week is 'Local ISO week, 1 to 53.';
comment on column public.calendar_hour.month is 'Local month, 1 to 12.';

comment on view public.change is 'Measure: one row each time that a station, charging point or connector appeared, changed, returned or was retired.';
comment on column public.change.entity is 'Kind of the entity: charging_station, charging_point or connector.';
comment on column public.change.id is 'The entity, by its key as text: id_cs, id_cp or id_connector.';
comment on column public.change.at is 'First slot that showed the change. For a retirement: the slot of the first complete poll without the entity.';
comment on column public.change.day is 'Local day of the hour that contains this slot.';
comment on column public.change.kind is 'appeared, changed, returned or retired. Entities of the first poll of a feed do not count as appeared.';
comment on column public.change.attributes is 'Names of the attributes that differ from the previous version, separated by commas; null if none differs.';
comment on column public.change.id_cs is 'Station of the entity. For a connector: the current station of its charging point.';
comment on column public.change.feed is 'The feed whose answers contained the entity.';

comment on view public.charging_event is 'Measure: one charge of a vehicle, from the first slot to the end of the last slot with a status that means charging. config.status_group contains these statuses.';
comment on column public.charging_event.start_at is 'First slot of the charge.';
comment on column public.charging_event.end_at is 'End of the last slot of the charge.';
comment on column public.charging_event.day is 'Local day of the start. The whole charge belongs to this day.';
comment on column public.charging_event.unobserved_minutes is 'Minutes from start to end that were not observed, because slots are missing and were bridged.';
comment on column public.charging_event.status_before is 'Status of the charging point before the charge; null if the time before was not observed.';
comment on column public.charging_event.status_after is 'Status of the charging point after the charge; null if the time after was not observed.';
comment on column public.charging_event.start_cut is 'Why the start was not observed: gap (polls before are missing) or edge (there is no earlier observation). The charge may have begun earlier. Null if the start was observed.';
comment on column public.charging_event.end_cut is 'Why the end was not observed: gap (polls after are missing) or edge (there is no later observation). The charge may have lasted longer. Null if the end was observed.';

comment on table public.charging_point is 'Dimension: the latest version of each charging point (EVSE), including retired charging points.';
comment on column public.charging_point.id_cp is 'Key: the source''s technical id (uid). It stays the same if an operator changes EVSE-IDs.';
comment on column public.charging_point.id_cs is 'The station of the charging point: charging_station.id_cs.';
comment on column public.charging_point.charging_station_position is 'Where the station stands, in the words of the feed, such as Parkplatz (car park).';
comment on column public.charging_point.cp_position is 'Where the charging point is at its station, in the words of the feed, such as rechts (right).';
comment on column public.charging_point.vehicle_type is 'Type of vehicle that the charging point is intended for, as the feed gives it.';
comment on column public.charging_point.floor_level is 'Floor on which the charging point is.';
comment on column public.charging_point.evse_id is 'Public number of the charging point (EVSE-ID), such as DE*REK*E00025*001. Operators may change it.';
comment on column public.charging_point.physical_reference is 'Number or text that is printed on the charging point.';
comment on column public.charging_point.cp_parking_space_numbers is 'Numbers of the parking spaces of the charging point.';
comment on column public.charging_point.public_comment is 'The operator''s public comment on the charging point.';
comment on column public.charging_point.roaming is 'Whether customers of other charging networks can use the charging point.';
comment on column public.charging_point.reservable is 'Whether the charging point can be reserved.';
comment on column public.charging_point.capabilities is 'Capabilities of the charging point: a sorted array of OCPI capabilities, such as RFID_READER.';
comment on column public.charging_point.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.charging_point.feed is 'The feed of the latest answer with the charging point.';
comment on column public.charging_point.last_seen is 'The last slot whose answer contained the charging point.';
comment on column public.charging_point.retired_at is 'Slot of the first complete poll without the charging point. The column is set when complete polls in 24 different hours did not contain the charging point. Null while the charging point is in service.';

comment on view public.charging_point_as_was is 'Dimension (type 2): the attributes of charging points, of their stations and of their connectors, from valid_from to valid_to.';
comment on column public.charging_point_as_was.valid_from is 'First slot in which these attributes were valid.';
comment on column public.charging_point_as_was.valid_to is 'End of the validity, not included; null while these attributes are valid.';
comment on column public.charging_point_as_was.feed is 'The feed whose answers contained the charging point.';
comment on column public.charging_point_as_was.evse_id is 'Public number of the charging point (EVSE-ID).';
comment on column public.charging_point_as_was.id_cs is 'The station of the charging point.';
comment on column public.charging_point_as_was.address is 'The station''s street and house number.';
comment on column public.charging_point_as_was.longitude is 'The station''s longitude in degrees, EPSG:4326.';
comment on column public.charging_point_as_was.latitude is 'The station''s latitude in degrees, EPSG:4326.';
comment on column public.charging_point_as_was.operator_name is 'The station''s operator, as the feed spells the name.';
comment on column public.charging_point_as_was.operator is 'The station''s operator, with the name from config.operator_spelling; without an entry, as the feed spells the name.';
comment on column public.charging_point_as_was.max_power is 'Power of the strongest connector, kW.';
comment on column public.charging_point_as_was.power_class is 'HPC if the strongest connector has at least 150 kW; otherwise DC if a connector has direct current; otherwise AC. Null if no connector has at least 150 kW and the feed does not give the kind of current.';
comment on column public.charging_point_as_was.standards is 'Types of plug of the connectors, in alphabetical order; null if the feed gives none.';
comment on column public.charging_point_as_was.first_hour is 'First hour in UTC that counts for this row. An hour counts for the row that is valid at its beginning. If no row is valid then, the hour counts for the first row that becomes valid in it. So each hour counts for one row.';
comment on column public.charging_point_as_was.end_hour is 'First hour in UTC that no longer counts for this row; null while these attributes are valid.';

comment on table public.charging_point_history is 'Dimension (type 2): all versions of each charging point.';
comment on column public.charging_point_history.id_cp is 'Key, with valid_from: the charging point, charging_point.id_cp.';
comment on column public.charging_point_history.id_cs is 'The station of the charging point: charging_station.id_cs.';
comment on column public.charging_point_history.charging_station_position is 'Where the station stands, in the words of the feed, such as Parkplatz (car park).';
comment on column public.charging_point_history.cp_position is 'Where the charging point is at its station, in the words of the feed, such as rechts (right).';
comment on column public.charging_point_history.vehicle_type is 'Type of vehicle that the charging point is intended for, as the feed gives it.';
comment on column public.charging_point_history.floor_level is 'Floor on which the charging point is.';
comment on column public.charging_point_history.evse_id is 'Public number of the charging point (EVSE-ID), such as DE*REK*E00025*001. Operators may change it.';
comment on column public.charging_point_history.physical_reference is 'Number or text that is printed on the charging point.';
comment on column public.charging_point_history.cp_parking_space_numbers is 'Numbers of the parking spaces of the charging point.';
comment on column public.charging_point_history.public_comment is 'The operator''s public comment on the charging point.';
comment on column public.charging_point_history.roaming is 'Whether customers of other charging networks can use the charging point.';
comment on column public.charging_point_history.reservable is 'Whether the charging point can be reserved.';
comment on column public.charging_point_history.capabilities is 'Capabilities of the charging point: a sorted array of OCPI capabilities, such as RFID_READER.';
comment on column public.charging_point_history.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.charging_point_history.feed is 'The feed of the latest answer with this version.';
comment on column public.charging_point_history.valid_from is 'First slot of the version.';
comment on column public.charging_point_history.valid_to is 'End of the version, not included: the first slot of the next version or, if the charging point was retired, the slot of the first complete poll without the charging point. Null while the version is valid.';
comment on column public.charging_point_history.is_current is 'Whether the version is valid now: valid_to is null.';
comment on column public.charging_point_history.changed is 'Names of the attributes that differ from the previous version, separated by commas. Null for the first version. Empty if the charging point returned unchanged after a retirement.';

comment on table public.charging_station is 'Dimension: the latest version of each station, including retired stations.';
comment on column public.charging_station.id_cs is 'Key: the source''s number of the station. If the source has no numbers: a negative hash of 53 bits.';
comment on column public.charging_station.name is 'Name of the station; not unique.';
comment on column public.charging_station.address is 'Street and house number of the station.';
comment on column public.charging_station.city is 'City of the station. The name of the feed may be the name of another city.';
comment on column public.charging_station.postal_code is 'Postal code of the station.';
comment on column public.charging_station.country is 'Country of the station, ISO 3166-1 alpha-2.';
comment on column public.charging_station.owner is 'Owner of the station; null if the feed does not name the owner.';
comment on column public.charging_station.roaming is 'Whether customers of other charging networks can use the station.';
comment on column public.charging_station.longitude is 'Longitude of the station in degrees, EPSG:4326.';
comment on column public.charging_station.latitude is 'Latitude of the station in degrees, EPSG:4326.';
comment on column public.charging_station.operator_name is 'Operator of the station, as the feed spells the name.';
comment on column public.charging_station.opening_hours is 'Opening hours of a station that is not always open: an array of {weekday, begin, end}. weekday is 1 (Monday) to 7, or "holiday". begin and end are local times "HH:MM". An end that is not after its begin is on the next day.';
comment on column public.charging_station.directions is 'How to find the station, in the words of the feed.';
comment on column public.charging_station.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.charging_station.source_id is 'Id of the station, as the source writes it.';
comment on column public.charging_station.feed is 'The feed of the latest answer with the station.';
comment on column public.charging_station.last_seen is 'The last slot whose answer contained the station.';
comment on column public.charging_station.retired_at is 'Slot of the first complete poll without the station. The column is set when complete polls in 24 different hours did not contain the station. Null while the station is in service.';

comment on table public.charging_station_history is 'Dimension (type 2): all versions of each station.';
comment on column public.charging_station_history.id_cs is 'Key, with valid_from: the station, charging_station.id_cs.';
comment on column public.charging_station_history.name is 'Name of the station; not unique.';
comment on column public.charging_station_history.address is 'Street and house number of the station.';
comment on column public.charging_station_history.city is 'City of the station. The name of the feed may be the name of another city.';
comment on column public.charging_station_history.postal_code is 'Postal code of the station.';
comment on column public.charging_station_history.country is 'Country of the station, ISO 3166-1 alpha-2.';
comment on column public.charging_station_history.owner is 'Owner of the station; null if the feed does not name the owner.';
comment on column public.charging_station_history.roaming is 'Whether customers of other charging networks can use the station.';
comment on column public.charging_station_history.longitude is 'Longitude of the station in degrees, EPSG:4326.';
comment on column public.charging_station_history.latitude is 'Latitude of the station in degrees, EPSG:4326.';
comment on column public.charging_station_history.operator_name is 'Operator of the station, as the feed spells the name.';
comment on column public.charging_station_history.opening_hours is 'Opening hours of a station that is not always open: an array of {weekday, begin, end}. weekday is 1 (Monday) to 7, or "holiday". begin and end are local times "HH:MM". An end that is not after its begin is on the next day.';
comment on column public.charging_station_history.directions is 'How to find the station, in the words of the feed.';
comment on column public.charging_station_history.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.charging_station_history.source_id is 'Id of the station, as the source writes it.';
comment on column public.charging_station_history.feed is 'The feed of the latest answer with this version.';
comment on column public.charging_station_history.valid_from is 'First slot of the version.';
comment on column public.charging_station_history.valid_to is 'End of the version, not included: the first slot of the next version or, if the station was retired, the slot of the first complete poll without the station. Null while the version is valid.';
comment on column public.charging_station_history.is_current is 'Whether the version is valid now: valid_to is null.';
comment on column public.charging_station_history.changed is 'Names of the attributes that differ from the previous version, separated by commas. Null for the first version. Empty if the station returned unchanged after a retirement.';

comment on view public.city_day is 'For cities: utilization and uptime of all charging points of a city on a day, and how much was observed.';
comment on column public.city_day.city is 'The station''s city, valid in each hour; null if the feed does not give a city.';
comment on column public.city_day.stations is 'Stations with a charging point in service on the day.';
comment on column public.city_day.charging_points is 'Charging points in service on the day: observed once, and not yet retired.';
comment on column public.city_day.charging_starts is 'Charging events whose first slot is on the day.';
comment on column public.city_day.utilization is 'Occupied minutes, divided by the minutes with known status (available, occupied or out of service).';
comment on column public.city_day.uptime is 'Available and occupied minutes, divided by the minutes with known status (available, occupied or out of service).';
comment on column public.city_day.observed_share is 'Observed minutes, divided by all minutes in which the charging points were in service.';

comment on table public.connector is 'Dimension: the latest version of each connector, including retired connectors.';
comment on column public.connector.id_cp is 'The charging point of the connector: charging_point.id_cp.';
comment on column public.connector.format is 'Format of the connector: SOCKET or CABLE.';
comment on column public.connector.power_type is 'Kind of current: AC_1_PHASE, AC_3_PHASE or DC.';
comment on column public.connector.standard is 'Type of plug, such as IEC_62196_T2.';
comment on column public.connector.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.connector.feed is 'The feed of the latest answer with the connector.';
comment on column public.connector.last_seen is 'The last slot whose answer contained the connector.';
comment on column public.connector.retired_at is 'Slot of the first complete poll without the connector. The column is set when complete polls in 24 different hours did not contain the connector. Null while the connector is in service.';

comment on table public.connector_history is 'Dimension (type 2): all versions of each connector.';
comment on column public.connector_history.id_connector is 'Key, with valid_from: the connector, connector.id_connector.';
comment on column public.connector_history.id_cp is 'The charging point of the connector: charging_point.id_cp.';
comment on column public.connector_history.format is 'Format of the connector: SOCKET or CABLE.';
comment on column public.connector_history.power_type is 'Kind of current: AC_1_PHASE, AC_3_PHASE or DC.';
comment on column public.connector_history.standard is 'Type of plug, such as IEC_62196_T2.';
comment on column public.connector_history.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column public.connector_history.feed is 'The feed of the latest answer with this version.';
comment on column public.connector_history.valid_from is 'First slot of the version.';
comment on column public.connector_history.valid_to is 'End of the version, not included: the first slot of the next version or, if the connector was retired, the slot of the first complete poll without the connector. Null while the version is valid.';
comment on column public.connector_history.is_current is 'Whether the version is valid now: valid_to is null.';
comment on column public.connector_history.changed is 'Names of the attributes that differ from the previous version, separated by commas. Null for the first version. Empty if the connector returned unchanged after a retirement.';

comment on view public.coverage is 'Outcomes of the slots of each feed and day.';
comment on column public.coverage.expected is 'Slots in which the feed had to be polled; equals stored + failed + missed.';
comment on column public.coverage.stored is 'Slots with an accepted answer.';
comment on column public.coverage.failed is 'Slots with only rejected answers.';
comment on column public.coverage.missed is 'Slots without an answer.';
comment on column public.coverage.stored_percent is 'Stored slots in percent of the expected slots; null if no slot was expected.';

comment on view public.coverage_gap is 'Consecutive expected slots of a feed without an accepted answer, for the same reason. A gap may continue over midnight.';
comment on column public.coverage_gap.first_slot is 'First slot without an accepted answer.';
comment on column public.coverage_gap.last_slot is 'Last slot without an accepted answer.';
comment on column public.coverage_gap.slots is 'Number of these slots.';
comment on column public.coverage_gap.outcome is 'failed: there are only rejected answers. missed: there is no answer.';
comment on column public.coverage_gap.reason is 'Why the slots have no accepted answer, such as refused, timeout, http_500, not_json, late, not_running or paused.';

comment on table public.current_feed is 'Outcome of the latest poll of each feed.';
comment on column public.current_feed.slot is 'The latest slot in which the feed had to be polled.';
comment on column public.current_feed.outcome is 'Outcome of this slot. stored: there is an accepted answer. failed: there are only rejected answers. missed: there is no answer.';
comment on column public.current_feed.reason is 'Why the slot has no accepted answer, such as refused, timeout, http_500 or paused; null if the outcome is stored.';
comment on column public.current_feed.stored_slot is 'The latest slot with an accepted answer; null if there is none yet.';
comment on column public.current_feed.charging_points is 'Charging points with a status in the answer of stored_slot.';
comment on column public.current_feed.interval_minutes is 'Minutes from the slot to the next slot.';

comment on table public.current_status is 'Measure: the status of each charging point in the latest answer that contained it, and its first slot.';
comment on column public.current_status.id_cp is 'The charging point. A charging point that was not loaded yet has no row in charging_point.';
comment on column public.current_status.feed is 'The feed whose answer contained the charging point.';
comment on column public.current_status.since is 'First slot with this status. Missing slots are bridged as in status_event.';
comment on column public.current_status.since_cut is 'Why the start of the status was not observed: gap (polls before are missing) or edge (there is no earlier observation). The status may have begun earlier. Null if the start was observed.';
comment on column public.current_status.slot is 'The latest slot whose answer contained the charging point. The status is as old as this slot.';
comment on column public.current_status.interval_minutes is 'Minutes from the slot to the next slot.';

comment on view public.operator_day is 'For operators: uptime and utilization of all charging points of an operator on a day, and how much was observed.';
comment on column public.operator_day.operator is 'The station''s operator in each hour, with the name from config.operator_spelling; null if the feed does not name an operator.';
comment on column public.operator_day.stations is 'Stations with a charging point in service on the day.';
comment on column public.operator_day.charging_points is 'Charging points in service on the day: observed once, and not yet retired.';
comment on column public.operator_day.broken_charging_points is 'Charging points that were out of service at some time of the day.';
comment on column public.operator_day.charging_starts is 'Charging events whose first slot is on the day.';
comment on column public.operator_day.uptime is 'Available and occupied minutes, divided by the minutes with known status (available, occupied or out of service).';
comment on column public.operator_day.uptime_strict is 'Available and occupied minutes, divided by all observed minutes. So minutes of unknown status count as downtime.';
comment on column public.operator_day.utilization is 'Occupied minutes, divided by the minutes with known status (available, occupied or out of service).';
comment on column public.operator_day.observed_share is 'Observed minutes, divided by all minutes in which the charging points were in service.';

comment on view public.outage is 'Measure: one outage of a charging point, from the first slot to the end of the last slot with a status of the group out_of_service.';
comment on column public.outage.start_at is 'First slot of the outage.';
comment on column public.outage.end_at is 'End of the last slot of the outage.';
comment on column public.outage.day is 'Local day of the start. The whole outage belongs to this day.';
comment on column public.outage.unobserved_minutes is 'Minutes from start to end that were not observed, because slots are missing and were bridged.';
comment on column public.outage.status_before is 'Status of the charging point before the outage; null if the time before was not observed.';
comment on column public.outage.status_after is 'Status of the charging point after the outage; null if the time after was not observed.';
comment on column public.outage.start_cut is 'Why the start was not observed: gap (polls before are missing) or edge (there is no earlier observation). The outage may have begun earlier. Null if the start was observed.';
comment on column public.outage.end_cut is 'Why the end was not observed: gap (polls after are missing) or edge (there is no later observation). The outage may have lasted longer. Null if the end was observed.';

comment on view public.parking_day is 'Measure: how long vehicles that were not charged stood at a charging point, according to its parking sensor.';
comment on column public.parking_day.observed_minutes is 'Minutes in which the statuses of the charging point and of its parking sensor were observed.';
comment on column public.parking_day.vehicle_minutes is 'Observed minutes in which the sensor detected a vehicle.';
comment on column public.parking_day.blocked_minutes is 'Minutes in which the sensor detected a vehicle, and no vehicle was charged.';
comment on column public.parking_day.contradictory_minutes is 'Minutes in which a vehicle was charged although the sensor detected no vehicle. Either the status or the sensor is wrong.';
comment on column public.parking_day.blocked_share is 'blocked_minutes divided by vehicle_minutes; null if vehicle_minutes is 0.';

comment on table public.parking_hour is 'Measure: minutes of an hour in which a charging point and its parking sensor had these statuses. Few charging points have a sensor.';
comment on column public.parking_hour.hour is 'Beginning of the hour in UTC: calendar_hour.hour.';
comment on column public.parking_hour.status_parkingsensor is 'Status of the parking sensor as the feed gave it.';
comment on column public.parking_hour.minutes is 'Minutes, 1 to 60. An observation is valid until the next slot of its feed, never longer.';

comment on view public.quality is 'Measure: for each day and quality rule, how many of the examined cases violate the rule.';
comment on column public.quality.severity is 'Severity of the rule: severe, warning or notice.';
comment on column public.quality.meaning is 'The rule in one sentence: a statement that is true of correct data.';
comment on column public.quality.subject is 'Kind of entity that the rule examines: charging_station, charging_point, connector or feed.';
comment on column public.quality.threshold is 'Greatest share of violations with which the rule still passes, 0 to 1.';
comment on column public.quality.checked is 'Number of examined cases.';
comment on column public.quality.failed is 'Number of examined cases that violate the rule.';
comment on column public.quality.failed_share is 'failed divided by checked; null if checked is 0.';
comment on column public.quality.passes is 'Whether the share of violations is at most the threshold.';

comment on view public.slot_outcome is 'Outcome of each slot in which a feed was polled or had to be polled.';
comment on column public.slot_outcome.outcome is 'stored: the answer was loaded. unreadable: the answer is stored, but could not be read. failed: there are only rejected answers. missed: there is no answer.';
comment on column public.slot_outcome.reason is 'Why the slot was not loaded; null if the outcome is stored.';

comment on view public.station_day is 'Measure: how many charging points of a station were occupied at the same time, and how long none was available.';
comment on column public.station_day.charging_points is 'Greatest number of charging points that were observed at the same time.';
comment on column public.station_day.peak_occupied is 'Greatest number of charging points that were occupied at the same time.';
comment on column public.station_day.observed_minutes is 'Minutes in which at least one charging point was observed.';
comment on column public.station_day.taken_minutes is 'Minutes in which at least one charging point was occupied, and none was available or of unknown status. Charging points that were out of service or not observed do not count.';
comment on column public.station_day.taken_share is 'taken_minutes divided by observed_minutes; null if observed_minutes is 0.';

comment on view public.station_hour is 'For data scientists: one row for each station and hour, with the attributes and the use of the station. Minutes are sums over all charging points of the station, with 60 minutes each.';
comment on column public.station_hour.hour is 'Beginning of the hour in UTC.';
comment on column public.station_hour.weekday is 'Local weekday, 0 (Sunday) to 6.';
comment on column public.station_hour.city is 'The station''s city in this hour.';
comment on column public.station_hour.operator is 'The station''s operator in this hour, with the name from config.operator_spelling.';
comment on column public.station_hour.longitude is 'The station''s longitude in this hour, in degrees, EPSG:4326.';
comment on column public.station_hour.latitude is 'The station''s latitude in this hour, in degrees, EPSG:4326.';
comment on column public.station_hour.charging_points is 'Charging points of the station that were in service in this hour.';
comment on column public.station_hour.max_power is 'Power of the strongest connector, kW.';
comment on column public.station_hour.charging_starts is 'Charging events whose first slot is in this hour.';
comment on column public.station_hour.available_minutes is 'Minutes with a status of the group available (config.status_group).';
comment on column public.station_hour.occupied_minutes is 'Minutes with a status of the group occupied: by default charging, reserved and blocked.';
comment on column public.station_hour.charging_minutes is 'Minutes with a status that means charging. By default, occupied_minutes contain these minutes.';
comment on column public.station_hour.out_of_service_minutes is 'Minutes with a status of the group out_of_service.';
comment on column public.station_hour.unknown_minutes is 'Minutes with a status of the group unknown, or with a status that config.status_group does not contain.';
comment on column public.station_hour.unobserved_minutes is 'Minutes in which the charging points were not observed.';

comment on column public.status_chargingpoints.id_status_cp is 'Key: <id_chargingpoint>@<slot as 20220111T2050Z>. All installations compute the same key.';
comment on column public.status_chargingpoints.query_time is 'Time of the answer according to the feed. If the feed states no time, or a time more than 15 minutes away from the receipt: the time of receipt.';
comment on column public.status_chargingpoints.status_parkingsensor is 'Status of the parking sensor: AVAILABLE or OCCUPIED; null if the charging point has no sensor.';

comment on view public.status_chargingpoints_as_was is 'All rows of status_chargingpoints, with the attributes of the charging point and of its station that were valid in the slot.';
comment on column public.status_chargingpoints_as_was.id_status_cp is 'Key: <id_chargingpoint>@<slot as 20220111T2050Z>. All installations compute the same key.';
comment on column public.status_chargingpoints_as_was.query_time is 'Time of the answer according to the feed. If the feed states no time, or a time more than 15 minutes away from the receipt: the time of receipt.';
comment on column public.status_chargingpoints_as_was.status_parkingsensor is 'Status of the parking sensor: AVAILABLE or OCCUPIED; null if the charging point has no sensor.';
comment on column public.status_chargingpoints_as_was.evse_id is 'Public number of the charging point (EVSE-ID), such as DE*REK*E00025*001. Operators may change it.';
comment on column public.status_chargingpoints_as_was.charging_station_position is 'Where the station stands, in the words of the feed, such as Parkplatz (car park).';
comment on column public.status_chargingpoints_as_was.cp_position is 'Where the charging point is at its station, in the words of the feed, such as rechts (right).';
comment on column public.status_chargingpoints_as_was.vehicle_type is 'Type of vehicle that the charging point is intended for, as the feed gives it.';
comment on column public.status_chargingpoints_as_was.floor_level is 'Floor on which the charging point is.';
comment on column public.status_chargingpoints_as_was.physical_reference is 'Number or text that is printed on the charging point.';
comment on column public.status_chargingpoints_as_was.capabilities is 'Capabilities of the charging point: a sorted array of OCPI capabilities, such as RFID_READER.';
comment on column public.status_chargingpoints_as_was.charging_point_valid_from is 'First slot of the charging point''s version that was valid in the slot: charging_point_history.valid_from.';
comment on column public.status_chargingpoints_as_was.id_cs is 'The station of the charging point in the slot.';
comment on column public.status_chargingpoints_as_was.name is 'Name of the station; not unique.';
comment on column public.status_chargingpoints_as_was.address is 'Street and house number of the station.';
comment on column public.status_chargingpoints_as_was.city is 'City of the station. The name of the feed may be the name of another city.';
comment on column public.status_chargingpoints_as_was.postal_code is 'Postal code of the station.';
comment on column public.status_chargingpoints_as_was.country is 'Country of the station, ISO 3166-1 alpha-2.';
comment on column public.status_chargingpoints_as_was.owner is 'Owner of the station; null if the feed does not name the owner.';
comment on column public.status_chargingpoints_as_was.longitude is 'Longitude of the station in degrees, EPSG:4326.';
comment on column public.status_chargingpoints_as_was.latitude is 'Latitude of the station in degrees, EPSG:4326.';
comment on column public.status_chargingpoints_as_was.operator_name is 'Operator of the station, as the feed spells the name.';
comment on column public.status_chargingpoints_as_was.charging_station_valid_from is 'First slot of the station''s version that was valid in the slot: charging_station_history.valid_from.';

comment on column public.status_connectors.id_status_connectors is 'Key: <id_connector>@<slot as 20220111T2050Z>. All installations compute the same key.';
comment on column public.status_connectors.query_time is 'Time of the answer according to the feed. If the feed states no time, or a time more than 15 minutes away from the receipt: the time of receipt.';
comment on column public.status_connectors.status_connector is 'Status as the feed gave it. If the feed gives no status of connectors: the status of the charging point.';

comment on view public.status_connectors_as_was is 'All rows of status_connectors, with the attributes of the connector, its charging point and its station that were valid in the slot.';
comment on column public.status_connectors_as_was.id_status_connectors is 'Key: <id_connector>@<slot as 20220111T2050Z>. All installations compute the same key.';
comment on column public.status_connectors_as_was.query_time is 'Time of the answer according to the feed. If the feed states no time, or a time more than 15 minutes away from the receipt: the time of receipt.';
comment on column public.status_connectors_as_was.status_connector is 'Status as the feed gave it. If the feed gives no status of connectors: the status of the charging point.';
comment on column public.status_connectors_as_was.format is 'Format of the connector: SOCKET or CABLE.';
comment on column public.status_connectors_as_was.power_type is 'Kind of current: AC_1_PHASE, AC_3_PHASE or DC.';
comment on column public.status_connectors_as_was.standard is 'Type of plug, such as IEC_62196_T2.';
comment on column public.status_connectors_as_was.connector_valid_from is 'First slot of the connector''s version that was valid in the slot: connector_history.valid_from.';
comment on column public.status_connectors_as_was.id_cp is 'The charging point of the connector in the slot.';
comment on column public.status_connectors_as_was.evse_id is 'Public number of the charging point (EVSE-ID), such as DE*REK*E00025*001. Operators may change it.';
comment on column public.status_connectors_as_was.charging_point_valid_from is 'First slot of the charging point''s version that was valid in the slot: charging_point_history.valid_from.';
comment on column public.status_connectors_as_was.id_cs is 'The station of the charging point in the slot.';
comment on column public.status_connectors_as_was.name is 'Name of the station; not unique.';
comment on column public.status_connectors_as_was.address is 'Street and house number of the station.';
comment on column public.status_connectors_as_was.city is 'City of the station. The name of the feed may be the name of another city.';
comment on column public.status_connectors_as_was.postal_code is 'Postal code of the station.';
comment on column public.status_connectors_as_was.country is 'Country of the station, ISO 3166-1 alpha-2.';
comment on column public.status_connectors_as_was.owner is 'Owner of the station; null if the feed does not name the owner.';
comment on column public.status_connectors_as_was.longitude is 'Longitude of the station in degrees, EPSG:4326.';
comment on column public.status_connectors_as_was.latitude is 'Latitude of the station in degrees, EPSG:4326.';
comment on column public.status_connectors_as_was.operator_name is 'Operator of the station, as the feed spells the name.';
comment on column public.status_connectors_as_was.charging_station_valid_from is 'First slot of the station''s version that was valid in the slot: charging_station_history.valid_from.';

comment on table public.status_event is 'Measure: the time in which a charging point had one status, also over midnight. Up to LADEPULS_BRIDGED_SLOTS missing slots in a row (default: 2) are bridged.';
comment on column public.status_event.start_at is 'First slot with the status.';
comment on column public.status_event.end_at is 'End of the last slot with the status. An observation is valid until the next slot of its feed, never longer.';
comment on column public.status_event.day is 'Local day of the start. The whole event belongs to this day.';
comment on column public.status_event.observed_minutes is 'Observed minutes from start to end. The other minutes belong to bridged slots.';
comment on column public.status_event.interval_minutes is 'Minutes between two slots at the end of the event: the precision of start and end.';
comment on column public.status_event.status_before is 'Status of the charging point before the event; null if the time before was not observed.';
comment on column public.status_event.status_after is 'Status of the charging point after the event; null if the time after was not observed.';
comment on column public.status_event.start_cut is 'Why the start was not observed: gap (polls before are missing) or edge (there is no earlier observation). The event may have begun earlier. Null if the start was observed.';
comment on column public.status_event.end_cut is 'Why the end was not observed: gap (polls after are missing) or edge (there is no later observation). The event may have lasted longer. Null if the end was observed.';

comment on table public.status_hour is 'Measure: minutes of an hour in which a charging point was observed with this status. Minutes that are missing from 60 were not observed.';
comment on column public.status_hour.hour is 'Beginning of the hour in UTC: calendar_hour.hour.';
comment on column public.status_hour.minutes is 'Minutes, 1 to 60. An observation is valid until the next slot of its feed, never longer.';

comment on table public.time is 'Dimension: each query_time of both fact tables, with its hour, day, week, month, year and weekday in the time zone LADEPULS_TIME_ZONE.';
comment on column public.time.query_time is 'Key: the query_time of facts.';
comment on column public.time.week is 'Local ISO week, 1 to 53.';
comment on column public.time.weekday is 'Local weekday, 0 (Sunday) to 6.';

comment on view public.utilization_day is 'Measure: the sums of utilization_hour for each local day, and shares of these sums. For several days, divide the sums of the minutes; the average of the daily shares is wrong.';
comment on column public.utilization_day.available_minutes is 'Minutes with a status of the group available (config.status_group).';
comment on column public.utilization_day.occupied_minutes is 'Minutes with a status of the group occupied: by default charging, reserved and blocked.';
comment on column public.utilization_day.charging_minutes is 'Minutes with a status that means charging. By default, occupied_minutes contain these minutes.';
comment on column public.utilization_day.out_of_service_minutes is 'Minutes with a status of the group out_of_service.';
comment on column public.utilization_day.unknown_minutes is 'Minutes with a status of the group unknown, or with a status that config.status_group does not contain.';
comment on column public.utilization_day.unobserved_minutes is 'Minutes in which the charging point was not observed.';
comment on column public.utilization_day.charging_starts is 'Charging events whose first slot is on the day.';
comment on column public.utilization_day.utilization is 'Occupied minutes, divided by the minutes with known status (available, occupied or out of service).';
comment on column public.utilization_day.uptime is 'Available and occupied minutes, divided by the minutes with known status (available, occupied or out of service). Planned maintenance and vandalism are not excluded, because feeds do not report them.';
comment on column public.utilization_day.uptime_strict is 'Available and occupied minutes, divided by all observed minutes. So minutes of unknown status count as downtime.';
comment on column public.utilization_day.observed_share is 'Observed minutes, divided by all minutes in which the charging point was in service.';

comment on view public.utilization_hour is 'Measure: minutes of an hour in which a charging point was available, occupied, out of service, of unknown status or not observed. Together they are 60 minutes, in each hour from the first observation of the charging point to its retirement.';
comment on column public.utilization_hour.id_cp is 'The charging point. charging_point_as_was has its attributes in this hour.';
comment on column public.utilization_hour.hour is 'Beginning of the hour in UTC: calendar_hour.hour.';
comment on column public.utilization_hour.available_minutes is 'Minutes with a status of the group available (config.status_group).';
comment on column public.utilization_hour.occupied_minutes is 'Minutes with a status of the group occupied: by default charging, reserved and blocked.';
comment on column public.utilization_hour.charging_minutes is 'Minutes with a status that means charging. By default, occupied_minutes contain these minutes.';
comment on column public.utilization_hour.out_of_service_minutes is 'Minutes with a status of the group out_of_service.';
comment on column public.utilization_hour.unknown_minutes is 'Minutes with a status of the group unknown, or with a status that config.status_group does not contain.';
comment on column public.utilization_hour.unobserved_minutes is 'Minutes in which the charging point was not observed. Each missing slot counts, also a slot that events bridge.';
comment on column public.utilization_hour.charging_starts is 'Charging events whose first slot is in the hour.';

comment on view public.utilization_hour_as_was is 'All rows of utilization_hour, with the attributes of the charging point and of its station in that hour.';
comment on column public.utilization_hour_as_was.id_cp is 'The charging point.';
comment on column public.utilization_hour_as_was.hour is 'Beginning of the hour in UTC: calendar_hour.hour.';
comment on column public.utilization_hour_as_was.available_minutes is 'Minutes with a status of the group available (config.status_group).';
comment on column public.utilization_hour_as_was.occupied_minutes is 'Minutes with a status of the group occupied: by default charging, reserved and blocked.';
comment on column public.utilization_hour_as_was.charging_minutes is 'Minutes with a status that means charging. By default, occupied_minutes contain these minutes.';
comment on column public.utilization_hour_as_was.out_of_service_minutes is 'Minutes with a status of the group out_of_service.';
comment on column public.utilization_hour_as_was.unknown_minutes is 'Minutes with a status of the group unknown, or with a status that config.status_group does not contain.';
comment on column public.utilization_hour_as_was.unobserved_minutes is 'Minutes in which the charging point was not observed. Each missing slot counts, also a slot that events bridge.';
comment on column public.utilization_hour_as_was.charging_starts is 'Charging events whose first slot is in the hour.';
comment on column public.utilization_hour_as_was.evse_id is 'Public number of the charging point (EVSE-ID).';
comment on column public.utilization_hour_as_was.id_cs is 'The station of the charging point.';
comment on column public.utilization_hour_as_was.operator is 'The station''s operator, with the name from config.operator_spelling; without an entry, as the feed spells the name.';
comment on column public.utilization_hour_as_was.longitude is 'The station''s longitude in degrees, EPSG:4326.';
comment on column public.utilization_hour_as_was.latitude is 'The station''s latitude in degrees, EPSG:4326.';
comment on column public.utilization_hour_as_was.max_power is 'Power of the strongest connector, kW.';
comment on column public.utilization_hour_as_was.power_class is 'HPC if the strongest connector has at least 150 kW; otherwise DC if a connector has direct current; otherwise AC. Null if no connector has at least 150 kW and the feed does not give the kind of current.';

comment on table ops.archived_day is 'Days whose facts were moved to the folder archive/<day>/ of the flat store and deleted from the warehouse. Loads skip these days until they are restored.';
comment on column ops.archived_day.archived_at is 'When the facts were deleted from the warehouse.';
comment on column ops.archived_day.restored_at is 'When the facts were loaded again permanently; null while the facts are only in the flat store.';

comment on table ops.charging_point_content_span is 'Content spans: consecutive polls of one feed and day in which a charging point had the same master data.';
comment on column ops.charging_point_content_span.day is 'Local day of these polls.';
comment on column ops.charging_point_content_span.id_cp is 'The charging point: charging_point.id_cp.';
comment on column ops.charging_point_content_span.feed is 'The feed whose answers contained the charging point.';
comment on column ops.charging_point_content_span.first_slot is 'First slot with this master data.';
comment on column ops.charging_point_content_span.last_slot is 'Last slot with this master data.';
comment on column ops.charging_point_content_span.polls is 'Number of these polls. Each of their answers contained the charging point.';
comment on column ops.charging_point_content_span.id_cs is 'The station of the charging point: charging_station.id_cs.';
comment on column ops.charging_point_content_span.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column ops.charging_point_content_span.evse_id is 'Public number of the charging point (EVSE-ID), such as DE*REK*E00025*001. Operators may change it.';
comment on column ops.charging_point_content_span.charging_station_position is 'Where the station stands, in the words of the feed, such as Parkplatz (car park).';
comment on column ops.charging_point_content_span.cp_position is 'Where the charging point is at its station, in the words of the feed, such as rechts (right).';
comment on column ops.charging_point_content_span.vehicle_type is 'Type of vehicle that the charging point is intended for, as the feed gives it.';
comment on column ops.charging_point_content_span.floor_level is 'Floor on which the charging point is.';
comment on column ops.charging_point_content_span.physical_reference is 'Number or text that is printed on the charging point.';
comment on column ops.charging_point_content_span.cp_parking_space_numbers is 'Numbers of the parking spaces of the charging point.';
comment on column ops.charging_point_content_span.public_comment is 'The operator''s public comment on the charging point.';
comment on column ops.charging_point_content_span.roaming is 'Whether customers of other charging networks can use the charging point.';
comment on column ops.charging_point_content_span.reservable is 'Whether the charging point can be reserved.';
comment on column ops.charging_point_content_span.capabilities is 'Capabilities of the charging point: a sorted array of OCPI capabilities, such as RFID_READER.';

comment on table ops.charging_station_content_span is 'Content spans: consecutive polls of one feed and day in which a station had the same master data.';
comment on column ops.charging_station_content_span.day is 'Local day of these polls.';
comment on column ops.charging_station_content_span.id_cs is 'The station: charging_station.id_cs.';
comment on column ops.charging_station_content_span.feed is 'The feed whose answers contained the station.';
comment on column ops.charging_station_content_span.first_slot is 'First slot with this master data.';
comment on column ops.charging_station_content_span.last_slot is 'Last slot with this master data.';
comment on column ops.charging_station_content_span.polls is 'Number of these polls. Each of their answers contained the station.';
comment on column ops.charging_station_content_span.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column ops.charging_station_content_span.source_id is 'Id of the station, as the source writes it.';
comment on column ops.charging_station_content_span.name is 'Name of the station; not unique.';
comment on column ops.charging_station_content_span.address is 'Street and house number of the station.';
comment on column ops.charging_station_content_span.city is 'City of the station. The name of the feed may be the name of another city.';
comment on column ops.charging_station_content_span.postal_code is 'Postal code of the station.';
comment on column ops.charging_station_content_span.country is 'Country of the station, ISO 3166-1 alpha-2.';
comment on column ops.charging_station_content_span.owner is 'Owner of the station; null if the feed does not name the owner.';
comment on column ops.charging_station_content_span.roaming is 'Whether customers of other charging networks can use the station.';
comment on column ops.charging_station_content_span.longitude is 'Longitude of the station in degrees, EPSG:4326.';
comment on column ops.charging_station_content_span.latitude is 'Latitude of the station in degrees, EPSG:4326.';
comment on column ops.charging_station_content_span.operator_name is 'Operator of the station, as the feed spells the name.';
comment on column ops.charging_station_content_span.opening_hours is 'Opening hours of a station that is not always open: an array of {weekday, begin, end}. weekday is 1 (Monday) to 7, or "holiday". begin and end are local times "HH:MM". An end that is not after its begin is on the next day.';
comment on column ops.charging_station_content_span.directions is 'How to find the station, in the words of the feed.';

comment on table ops.connector_content_span is 'Content spans: consecutive polls of one feed and day in which a connector had the same master data.';
comment on column ops.connector_content_span.day is 'Local day of these polls.';
comment on column ops.connector_content_span.id_connector is 'The connector: connector.id_connector.';
comment on column ops.connector_content_span.feed is 'The feed whose answers contained the connector.';
comment on column ops.connector_content_span.first_slot is 'First slot with this master data.';
comment on column ops.connector_content_span.last_slot is 'Last slot with this master data.';
comment on column ops.connector_content_span.polls is 'Number of these polls. Each of their answers contained the connector.';
comment on column ops.connector_content_span.id_cp is 'The charging point of the connector: charging_point.id_cp.';
comment on column ops.connector_content_span.source is 'Kind of API that the feed speaks, such as chargecloud or ocpi.';
comment on column ops.connector_content_span.standard is 'Type of plug, such as IEC_62196_T2.';
comment on column ops.connector_content_span.format is 'Format of the connector: SOCKET or CABLE.';
comment on column ops.connector_content_span.power_type is 'Kind of current: AC_1_PHASE, AC_3_PHASE or DC.';

comment on table ops.coverage is 'Outcomes of the slots of each feed and day.';
comment on column ops.coverage.expected is 'Slots in which the feed had to be polled; equals stored + failed + missed.';
comment on column ops.coverage.stored is 'Slots with an accepted answer.';
comment on column ops.coverage.failed is 'Slots with only rejected answers.';
comment on column ops.coverage.missed is 'Slots without an answer.';
comment on column ops.coverage.unexpected is 'Slots with an accepted answer in which the feed did not have to be polled.';

comment on table ops.coverage_gap is 'Consecutive expected slots of one feed and day without an accepted answer, for the same reason and at the same interval.';
comment on column ops.coverage_gap.first_slot is 'First slot without an accepted answer.';
comment on column ops.coverage_gap.last_slot is 'Last slot without an accepted answer.';
comment on column ops.coverage_gap.slots is 'Number of these slots.';
comment on column ops.coverage_gap.outcome is 'failed: there are only rejected answers. missed: there is no answer.';
comment on column ops.coverage_gap.reason is 'Why the slots have no accepted answer, such as refused, timeout, http_500, not_json, late, not_running or paused.';
comment on column ops.coverage_gap.from_start is 'Whether the first of these slots is the first expected slot of the day.';
comment on column ops.coverage_gap.to_end is 'Whether the last of these slots is the last expected slot of the day.';

comment on table ops.day_revision is 'Publications of each day. Copies of the warehouse find changed days in this table.';
comment on column ops.day_revision.revision is 'Number of the publication of the day, from 1.';
comment on column ops.day_revision.published_at is 'When the publication became visible to readers.';
comment on column ops.day_revision.reason is 'Why the day was loaded.';
comment on column ops.day_revision.load is 'Run id of the workflow that published the day.';
comment on column ops.day_revision.loaded_until is 'End of the loaded slots, not included, if the day was the current day. Null: all slots of the day in the raw store were loaded.';

comment on table ops.feed_interval is 'Interval at which each feed had to be polled on each day.';
comment on column ops.feed_interval.since is 'First slot with this interval; -infinity for the first interval of the day.';
comment on column ops.feed_interval.interval_minutes is 'Minutes between two slots. If several collectors polled the feed: the shortest interval.';

comment on table ops.field_issue is 'Attributes that could not be read, have a new value or were cut. Their records were loaded all the same.';
comment on column ops.field_issue.entity is 'Kind of record with the attribute: poll, station, charging_point or connector.';
comment on column ops.field_issue.id is 'Id of the record; null if the record has none.';
comment on column ops.field_issue.field is 'Name of the attribute.';
comment on column ops.field_issue.reason is 'Why the attribute is listed, such as not_a_number, too_long or unknown_status.';
comment on column ops.field_issue.path is 'JSON path of the attribute in the first answer with this issue.';
comment on column ops.field_issue.first_slot is 'First slot of the day with this issue.';
comment on column ops.field_issue.last_slot is 'Last slot of the day with this issue.';
comment on column ops.field_issue.occurrences is 'Number of records of the day with this issue.';
comment on column ops.field_issue.key is 'The first answer with this issue, by its key in the raw store.';

comment on table ops.ledger is 'Counts that account for all answers and records of each feed and day. The sums add up.';
comment on column ops.ledger.bodies is 'Accepted answers in the raw store; equals parsed + unreadable + surplus.';
comment on column ops.ledger.parsed is 'Answers that were read: one for each slot.';
comment on column ops.ledger.unreadable is 'Answers that could not be read. ops.quarantine has an entry for each of them.';
comment on column ops.ledger.surplus is 'Answers of a slot with an earlier readable answer. Loads do not use them.';
comment on column ops.ledger.charging_points_read is 'Charging points in the answers; equals charging_point_facts + charging_points_quarantined + charging_point_duplicates.';
comment on column ops.ledger.charging_points_quarantined is 'Charging points without a fact, because their uid or status could not be read, or because they belong to another feed or to a quarantined station.';
comment on column ops.ledger.charging_point_duplicates is 'Charging points that occur again in the same answer.';
comment on column ops.ledger.connectors_read is 'Connectors in the answers; equals connector_facts + connectors_quarantined + connector_duplicates.';
comment on column ops.ledger.connectors_quarantined is 'Connectors without a fact, because their id or status could not be read, or because they belong to another feed or to a quarantined station.';
comment on column ops.ledger.connector_duplicates is 'Connectors that occur again in the same answer.';
comment on column ops.ledger.stations_quarantined is 'Stations whose id could not be read, is the id of another station, or belongs to another feed.';
comment on column ops.ledger.inventory is 'Digest of the list of answers in the raw store from which the day was built.';

comment on table ops.poll is 'Polls that were loaded: one for each feed and slot.';
comment on column ops.poll.received_at is 'When the whole answer had been received.';
comment on column ops.poll.query_time is 'Time of the answer according to the feed. If the feed states no time, or a time more than 15 minutes away from the receipt: the time of receipt.';
comment on column ops.poll.charging_points is 'Charging points in the answer, including quarantined and duplicate charging points.';
comment on column ops.poll.connectors is 'Connectors in the answer, including quarantined and duplicate connectors.';
comment on column ops.poll.charging_point_facts is 'Rows of this poll in status_chargingpoints.';
comment on column ops.poll.connector_facts is 'Rows of this poll in status_connectors.';
comment on column ops.poll.quarantined is 'Quarantined records of the answer. Only a poll without quarantined records can be complete.';
comment on column ops.poll.complete is 'Whether an entity that the answer does not contain counts as absent. No record was quarantined, and the answer has charging points: at least 80 % of the most that its feed had in the 168 hours before.';

comment on table ops.quality is 'Results of each quality rule for each feed and day.';
comment on column ops.quality.checked is 'Number of examined cases.';
comment on column ops.quality.failed is 'Number of examined cases that violate the rule.';

comment on table ops.quality_finding is 'Violations of quality rules: one row for each entity, rule and day.';
comment on column ops.quality_finding.id is 'Id of the station, charging point, connector or feed. ops.quality_rule.subject tells the kind of entity.';
comment on column ops.quality_finding.value is 'What is wrong with the entity.';
comment on column ops.quality_finding.failed is 'Number of violations by this entity on the day.';

comment on table ops.quality_rule is 'Quality rules of the version of Ladepuls that published last. Each publication overwrites edits of this table.';
comment on column ops.quality_rule.meaning is 'The rule in one sentence: a statement that is true of correct data.';
comment on column ops.quality_rule.subject is 'Kind of entity that the rule examines: charging_station, charging_point, connector or feed.';
comment on column ops.quality_rule.severity is 'Severity of the rule: severe, warning or notice.';
comment on column ops.quality_rule.threshold is 'Greatest share of violations with which the rule still passes, 0 to 1.';
comment on column ops.quality_rule.rank is 'Position of the rule in lists.';

comment on table ops.quarantine is 'Records without a fact, because they could not be read or belong to another feed, with their first position and the number of answers.';
comment on column ops.quarantine.entity is 'Kind of the record: poll, station, charging_point or connector.';
comment on column ops.quarantine.id is 'Id of the record; null if the id could not be read.';
comment on column ops.quarantine.path is 'JSON path of the record in the first answer with it.';
comment on column ops.quarantine.reason is 'Why the record has no fact.';
comment on column ops.quarantine.first_slot is 'First slot of the day with this record.';
comment on column ops.quarantine.last_slot is 'Last slot of the day with this record.';
comment on column ops.quarantine.occurrences is 'Number of answers of the day with this record.';
comment on column ops.quarantine.key is 'The first answer with this record, by its key in the raw store.';

comment on table ops.status_interval is 'Status periods: the times of a day in which a charging point was observed in each slot, always with the same status.';
comment on column ops.status_interval.start_at is 'First slot with the status.';
comment on column ops.status_interval.end_at is 'End of the last slot with the status. An observation is valid until the next slot of its feed, never longer.';
comment on column ops.status_interval.interval_minutes is 'Minutes between two slots at the end of the status period.';

-- People may have given the tables of schema config to another owner, and only the owner may comment on them.
do $$
begin
  comment on schema config is 'Tables that people edit. Views read these tables in each query, so that an edit applies to all past days.';
  comment on table config.operator_spelling is 'Names of operators that feeds spell in several ways. An operator without an entry has the spelling of the feed.';
  comment on column config.operator_spelling.spelling is 'Spelling in feeds: charging_station.operator_name.';
  comment on column config.operator_spelling.operator is 'Name of the operator in views and reports.';
  comment on table config.raw_copy is 'Last copy of each table of schema config in each raw store. The copy was made of the table, or the table was restored from the copy. Only Ladepuls writes this table.';
  comment on column config.raw_copy.table_name is 'Name of the table, such as operator_spelling.';
  comment on column config.raw_copy.collector is 'Id of the raw store, from its collector.json.';
  comment on column config.raw_copy.sha256 is 'SHA-256 of the copy. If the content of the table has another SHA-256, the table was edited after the copy.';
  comment on column config.raw_copy.copied_at is 'When the table was copied or restored.';
  comment on table config.status_group is 'Group of each status that feeds give. A status without an entry belongs to the group unknown.';
  comment on column config.status_group.status is 'Status as feeds give it.';
  comment on column config.status_group.status_group is 'Group of the status: available, occupied, out_of_service or unknown.';
  comment on column config.status_group.is_charging is 'Whether the status means that a vehicle is being charged.';
exception
  when insufficient_privilege then null;
end
$$;

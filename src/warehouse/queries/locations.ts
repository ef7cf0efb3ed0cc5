import type { OpeningPeriod } from '../../domain/observation.js';
import { iso, nowObject } from './now.js';
import { type ChargingPoint, CONNECTOR, type Connector } from './points.js';
import { Parameters, type Query } from './query.js';
import { OPERATOR, SPELLING } from './stations.js';

/** A station with all its data for exchange formats, and the time of its last change. */
export interface Location {
  id_cs: number;
  name: string | null;
  address: string | null;
  city: string | null;
  postal_code: string | null;
  country: string | null;
  longitude: number | null;
  latitude: number | null;
  operator: string | null;
  owner: string | null;
  open_24_7: boolean | null;
  opening_hours: OpeningPeriod[] | null;
  last_updated: string;
  points: (Omit<ChargingPoint, 'id_cs'> & {
    is_retired: boolean;
    last_updated: string;
    connectors: (Connector & { last_updated: string })[];
  })[];
}

export interface LocationQuery {
  offset: number;
  limit: number;
  id_cs?: number | undefined;
  /** Return only stations with a greater `id_cs`; `total` then counts only these. */
  after?: number | undefined;
  /** Range of the time of the last change, half-open, in milliseconds since the epoch. */
  changedFrom?: number | undefined;
  changedTo?: number | undefined;
}

/** Return an expression for the beginning of the last version of the entity whose id is `id`. */
const versionOf = (table: string, key: string, id: string) =>
  `(select max(version.valid_from) from ${table}_history as version where version.${key} = ${id})`;

const CONNECTOR_CHANGED = versionOf('connector', 'id_connector', 'connector.id_connector');
/** Time of the last change of `point`, including its connectors; expects the row of current_status as `current`. */
const POINT_CHANGED = `greatest(
  ${versionOf('charging_point', 'id_cp', 'point.id_cp')}, current.since, point.retired_at,
  (select max(greatest(${CONNECTOR_CHANGED}, connector.retired_at)) from connector where connector.id_cp = point.id_cp)
)`;
const STATION_CHANGED = `greatest(
  ${versionOf('charging_station', 'id_cs', 'station.id_cs')},
  (select max(${POINT_CHANGED}) from charging_point as point left join current_status as current using (id_cp)
   where point.id_cs = station.id_cs)
)`;

/** Condition that the station has coordinates and a country, because exchange formats require them. */
const EXPRESSIBLE = 'num_nulls(station.longitude, station.latitude, station.country) = 0';

/**
 * Stations in service in the order of their keys, with their charging points and connectors. Each has the time of the
 * last observed change: a version, a status or a retirement.
 *
 * Each row has `total`, the number of all matching stations. If the page is empty, the only row has just `total`;
 * {@link toLocations} removes that row.
 */
export const locations: Query<[query: LocationQuery], Location & { total: number }> = {
  columns: [
    'total',
    'id_cs',
    'name',
    'address',
    'city',
    'postal_code',
    'country',
    'longitude',
    'latitude',
    'operator',
    'owner',
    'open_24_7',
    'opening_hours',
    'last_updated',
    'points',
  ],
  statement({ bridgedSlots }, query) {
    const parameters = new Parameters();
    const instant = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));
    const condition = parameters.where({
      'station.id_cs = ?': query.id_cs,
      'station.id_cs > ?': query.after,
      [`${STATION_CHANGED} >= ?`]: instant(query.changedFrom),
      [`${STATION_CHANGED} < ?`]: instant(query.changedTo),
    });
    const bridged = parameters.add(bridgedSlots);
    const text = `
      with matching as materialized (
        select station.id_cs from charging_station as station
        where station.retired_at is null and ${EXPRESSIBLE} and ${condition}
      ), chosen as (
        select id_cs from matching order by id_cs
        limit ${parameters.add(query.limit)} offset ${parameters.add(query.offset)}
      ), described as (
        select station.id_cs, station.name, station.address, station.city, station.postal_code, station.country,
          station.longitude, station.latitude, ${OPERATOR} as operator,
          station.owner, station.open_24_7, station.opening_hours,
          ${iso(STATION_CHANGED)} as last_updated, coalesce(points.list, '[]') as points
        from chosen
        join charging_station as station using (id_cs)
        ${SPELLING}
        cross join lateral (
          select json_agg(json_build_object(
            'id_cp', point.id_cp, 'evse_id', point.evse_id, 'physical_reference', point.physical_reference,
            'floor_level', point.floor_level, 'reservable', point.reservable, 'capabilities', point.capabilities,
            'is_retired', point.retired_at is not null,
            'last_updated', ${iso(POINT_CHANGED)},
            'now', ${nowObject(bridged)},
            'connectors', coalesce((
              select json_agg(json_build_object(${CONNECTOR}, 'last_updated', ${iso(CONNECTOR_CHANGED)})
                order by connector.id_connector)
              from connector where connector.id_cp = point.id_cp and connector.retired_at is null
            ), '[]')
          ) order by point.id_cp) as list
          from charging_point as point
          left join current_status as current using (id_cp)
          left join config.status_group as meaning using (status)
          where point.id_cs = station.id_cs
        ) as points
      )
      select (select count(*)::int from matching) as total, described.*
      from (select) as always left join described on true
      order by id_cs`;
    return { text, values: parameters.values };
  },
};

/** Convert the rows of {@link locations} to the locations of the page, and the number of all matching stations. */
export function toLocations(rows: (Location & { total: number })[]): {
  locations: Location[];
  total: number;
} {
  const found = rows.filter(({ id_cs }) => (id_cs as number | null) !== null);
  return { total: rows[0]?.total ?? 0, locations: found };
}

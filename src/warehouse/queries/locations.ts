import type { OpeningPeriod } from '../../domain/observation.js';
import { iso, nowObject } from './now.js';
import { type ChargingPoint, CONNECTOR, type Connector } from './points.js';
import { Parameters, type Query } from './query.js';
import { OPERATOR, SPELLING } from './stations.js';

/** All that is known of a station for exchange with others: what is there and when it changed last. */
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
  /** Those behind this one; then `total` counts these. */
  after?: number | undefined;
  /** Milliseconds since the epoch, of the last change, half-open. */
  changedFrom?: number | undefined;
  changedTo?: number | undefined;
}

/** The last version of what a column names. */
const versionOf = (table: string, key: string, id: string) =>
  `(select max(version.valid_from) from ${table}_history as version where version.${key} = ${id})`;

const CONNECTOR_CHANGED = versionOf('connector', 'id_connector', 'connector.id_connector');
/** Of `point`, with its row of current_status as `current`: its own changes, and those of its connectors. */
const POINT_CHANGED = `greatest(
  ${versionOf('charging_point', 'id_cp', 'point.id_cp')}, current.since, point.retired_at,
  (select max(greatest(${CONNECTOR_CHANGED}, connector.retired_at)) from connector where connector.id_cp = point.id_cp)
)`;
const STATION_CHANGED = `greatest(
  ${versionOf('charging_station', 'id_cs', 'station.id_cs')},
  (select max(${POINT_CHANGED}) from charging_point as point left join current_status as current using (id_cp)
   where point.id_cs = station.id_cs)
)`;

/** Formats for exchange say where a station is, and in which country. */
const EXPRESSIBLE = 'num_nulls(station.longitude, station.latitude, station.country) = 0';

/**
 * Stations in service in the order of their keys, with all that is below them, and when any of it was last seen to change: a
 * version, a status, a retirement. Each row has `total`, the number of all that match; where the page is empty, it is the only
 * one, and {@link toLocations} leaves that row out.
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

/** Returns the page that rows of {@link locations} are, and how many match in all. */
export function toLocations(rows: (Location & { total: number })[]): {
  locations: Location[];
  total: number;
} {
  const found = rows.filter(({ id_cs }) => (id_cs as number | null) !== null);
  return { total: rows[0]?.total ?? 0, locations: found };
}

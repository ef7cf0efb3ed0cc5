import { GROUP, isFresh, type Now, nowObject, type StatusGroup } from './now.js';
import { behind, Parameters, type PageOf, type Query } from './query.js';

export interface Connector {
  id_connector: string;
  standard: string | null;
  format: string | null;
  power_type: string | null;
  ampere: number | null;
  voltage: number | null;
  max_power: number | null;
}

export interface ChargingPoint {
  id_cp: string;
  id_cs: number;
  evse_id: string | null;
  physical_reference: string | null;
  floor_level: string | null;
  reservable: boolean | null;
  capabilities: string[] | null;
  now: Now | null;
  connectors: Connector[];
}

export interface PointQuery {
  id_cp?: string | undefined;
  id_cs?: number | undefined;
  evse_id?: string | undefined;
  city?: string | undefined;
  feed?: string | undefined;
  status_group?: StatusGroup | undefined;
}

/** A page of charging points that are in service, sorted by key. */
export const points: Query<[query: PointQuery, page: PageOf], ChargingPoint> = {
  columns: [
    'id_cp',
    'id_cs',
    'evse_id',
    'physical_reference',
    'floor_level',
    'reservable',
    'capabilities',
    'now',
    'connectors',
  ],
  statement({ bridgedSlots }, query, page) {
    const parameters = new Parameters();
    const bridged = parameters.add(bridgedSlots);
    const text = `
      select point.id_cp, point.id_cs, point.evse_id, point.physical_reference, point.floor_level, point.reservable,
        point.capabilities,
        ${nowObject(bridged)} as now,
        coalesce(plugs.connectors, '[]') as connectors
      from charging_point as point
      join charging_station as station using (id_cs)
      left join current_status as current using (id_cp)
      left join config.status_group as meaning using (status)
      cross join lateral (
        select json_agg(json_build_object(${CONNECTOR}) order by connector.id_connector) as connectors
        from connector where connector.id_cp = point.id_cp and connector.retired_at is null
      ) as plugs
      where point.retired_at is null and ${parameters.where({
        'point.id_cp = ?': query.id_cp,
        'point.id_cs = ?': query.id_cs,
        'point.evse_id = ?': query.evse_id,
        'lower(station.city) = lower(?)': query.city,
        'point.feed = ?': query.feed,
        [`${GROUP} = ? and ${isFresh('current.slot', bridged)}`]: query.status_group,
      })} and ${behind(page.after, ['point.id_cp'], parameters)}
      order by point.id_cp
      limit ${parameters.add(page.limit)}`;
    return { text, values: parameters.values };
  },
};

/** Keys and values of a connector's JSON object. */
export const CONNECTOR = [
  'id_connector',
  'standard',
  'format',
  'power_type',
  'ampere',
  'voltage',
  'max_power',
]
  .map((column) => `'${column}', connector.${column}`)
  .join(', ');

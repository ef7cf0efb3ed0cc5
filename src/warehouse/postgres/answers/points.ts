import type { PageOf, PointQuery } from '../../answers.js';
import { GROUP, isFresh, nowObject } from './now.js';
import { behind, Parameters, type Statement } from './statement.js';

/** The statement for a page of charging points that are in service, by key. */
export function pointsStatement(query: PointQuery, page: PageOf, bridgedSlots: number): Statement {
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
}

/** The parts of a connector's JSON object. */
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

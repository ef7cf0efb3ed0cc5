import { query, type Row } from '../support/query.js';
import { DAYS } from './fleet.js';
import type { Reference } from './reference.js';

const slot = (column: string) => `to_char(${column}, 'YYYYMMDD"T"HH24MI"Z"') as ${column}`;
const second = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS') as ${column}`;

const CONTENT = {
  station: { table: 'charging_station', id: 'id_cs', content: 'name, longitude, latitude, operator_name' },
  point: { table: 'charging_point', id: 'id_cp', content: 'id_cs::text, evse_id, floor_level' },
  connector: { table: 'connector', id: 'id_connector', content: 'id_cp' },
};

const QUERIES: Record<string, string> = {
  status_interval: `select id_cp as id, day::text, ${slot('start_at')}, ${slot('end_at')}, status, interval_minutes
    from ops.status_interval`,
  status_event: `select id_cp as id, day::text, ${slot('start_at')}, ${slot('end_at')}, status, observed_minutes,
    interval_minutes, status_before, status_after, start_cut, end_cut from status_event`,
  status_hour: `select id_cp as id, day::text, ${slot('hour')}, status, minutes from status_hour`,
  utilization_hour: `select id_cp as id, day::text, ${slot('hour')}, available_minutes, occupied_minutes, charging_minutes,
    unobserved_minutes, charging_starts from utilization_hour where day in (${DAYS.map((day) => `'${day}'`).join(', ')})`,
  status_chargingpoints: `select id_status_cp as key, id_chargingpoint as id, ${second('query_time')}, status_cp as status, day::text
    from status_chargingpoints`,
  status_connectors: `select id_status_connectors as key, id_connector as id, ${second('query_time')}, status_connector as status, day::text
    from status_connectors`,
  time: `select ${second('query_time')} from time`,
  poll: `select day::text, feed, ${slot('slot')}, stations, charging_points, connectors, charging_point_facts,
    connector_facts, quarantined, unidentified, fault, incomplete, complete from ops.poll`,
  ledger: `select day::text, feed, bodies, parsed, unreadable, surplus, excluded, charging_points_read::int, charging_point_facts::int,
    charging_points_quarantined::int, connectors_read::int, connector_facts::int, connectors_quarantined::int,
    stations_quarantined::int from ops.ledger`,
  ...Object.fromEntries(
    Object.entries(CONTENT).flatMap(([kind, { table, id, content }]) => [
      [
        `${kind}_history`,
        `select ${id}::text as id, ${content}, feed, ${slot('valid_from')}, ${slot('valid_to')}, is_current, changed
         from ${table}_history`,
      ],
      [
        kind,
        `select ${id}::text as id, ${content}, feed, ${slot('last_seen')}, ${slot('retired_at')} from ${table}`,
      ],
      [
        `${kind}_content_span`,
        `select ${id}::text as id, ${content}, day::text, feed, ${slot('first_slot')}, ${slot('last_slot')}, polls
         from ops.${table}_content_span`,
      ],
    ]),
  ),
};

/** Read every published table of a warehouse in the form of {@link Reference}. */
export async function published(url: string): Promise<Reference> {
  const tables: Reference = {};
  for (const [name, statement] of Object.entries(QUERIES))
    tables[name] = await query(url, `set timezone = 'UTC'`, statement);
  return tables;
}

/** Return the rows as lines in a fixed order, by which two warehouses are compared. */
export function lines(rows: Row[]): string[] {
  return rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
}

/**
 * Return the broken promises of a warehouse. Each fact joins exactly one version of its entity. Versions of an entity
 * never overlap. The minutes of every hour add up to 60.
 */
export async function brokenPromises(url: string): Promise<Row[]> {
  return query(
    url,
    `select 'facts of charging points join their version' as promise from status_chargingpoints_as_was
       having count(*) <> (select count(*) from status_chargingpoints)
     union all select 'facts of connectors join their version' from status_connectors_as_was
       having count(*) <> (select count(*) from status_connectors)
     union all select 'versions do not overlap' from charging_point_history a join charging_point_history b
       on a.id_cp = b.id_cp and a.valid_from < b.valid_from and coalesce(a.valid_to, 'infinity') > b.valid_from
     union all select 'one version holds at most' from charging_point_history where is_current group by id_cp having count(*) > 1
     union all select 'facts of charging points are of what these were like' from status_chargingpoints_as_was fact
       join charging_point_as_was point on point.id_cp = fact.id_chargingpoint and point.valid_from <= fact.slot
         and (point.valid_to is null or point.valid_to > fact.slot)
         and (point.id_cs, point.evse_id, point.name, point.operator_name) is not distinct from
           (fact.id_cs, fact.evse_id, fact.name, fact.operator_name)
       having count(*) <> (select count(*) from status_chargingpoints)
     union all select 'of every hour, each minute is accounted for' from utilization_hour
       where available_minutes + occupied_minutes + out_of_service_minutes + unknown_minutes + unobserved_minutes <> 60
       limit 1`,
  );
}

import { readFileSync } from 'node:fs';
import pg from 'pg';

/** The relations that facts are read from, as `schema.name`. */
export interface FactRelations {
  points: string;
  connectors: string;
  pointsAsWas: string;
  connectorsAsWas: string;
}

/** The published relations, which readers use. */
export const PUBLISHED: FactRelations = {
  points: 'public.status_chargingpoints',
  connectors: 'public.status_connectors',
  pointsAsWas: 'public.status_chargingpoints_as_was',
  connectorsAsWas: 'public.status_connectors_as_was',
};

/** Values that the reads search for, as SQL literals. The warehouse has all of them. */
export interface Asked {
  day: string;
  /** First and last day of the 30 days that end with `day`. `year` has those of the 365 days that end with `day`. */
  month: [string, string];
  year: [string, string];
  slot: string;
  queryTime: string;
  point: string;
  connector: string;
  station: string;
  hour: string;
}

/** Kind of a read: a scan of a range of facts, a lookup of a few facts, or a query on tables derived from facts. */
export type ReadKind = 'scan' | 'lookup' | 'mart';

/** A query that people typically run on facts. */
export interface Read {
  name: string;
  kind: ReadKind;
  sql: (facts: FactRelations, asked: Asked) => string;
}

/** The reads by which the storage layout of facts is judged. */
export const READS: readonly Read[] = [
  read('a day by status', 'scan', ({ points }, { day }) => byStatus(points, `day = ${day}`)),
  read(
    "a day's connectors by status",
    'scan',
    ({ connectors }, { day }) =>
      `select status_connector, count(*) from ${connectors} where day = ${day} group by 1`,
  ),
  read(
    'a day, every column',
    'scan',
    ({ points }, { day }) => `select max(fact::text) from ${points} as fact where day = ${day}`,
  ),
  read(
    'a day by a range of slots',
    'scan',
    ({ points }, { slot }) =>
      `select status_cp, count(*) from ${points} where slot >= ${slot}::timestamptz - interval '12 hours'
         and slot < ${slot}::timestamptz + interval '12 hours' group by 1`,
  ),
  read(
    'a day by a range of query_time',
    'scan',
    ({ points }, { slot }) =>
      `select status_cp, count(*) from ${points} where query_time >= ${slot}::timestamptz - interval '12 hours'
         and query_time < ${slot}::timestamptz + interval '12 hours' group by 1`,
  ),
  read(
    'a month by hour',
    'scan',
    ({ points }, { month }) =>
      `select extract(hour from slot at time zone 'Europe/Berlin') as hour, avg((status_cp = 'CHARGING')::int) as charging
       from ${points} where day between ${month[0]} and ${month[1]} group by 1 order by 1`,
  ),
  read('all facts by status', 'scan', ({ points }) => byStatus(points, 'true')),
  read("a point's day", 'lookup', ({ points }, { point, day }) =>
    ordered(points, `id_chargingpoint = ${point} and day = ${day}`),
  ),
  read("a point's year", 'lookup', ({ points }, { point, year }) =>
    ordered(points, `id_chargingpoint = ${point} and day between ${year[0]} and ${year[1]}`),
  ),
  read("a point's every day", 'lookup', ({ points }, { point }) =>
    ordered(points, `id_chargingpoint = ${point}`),
  ),
  read(
    "a connector's year",
    'lookup',
    ({ connectors }, { connector, year }) =>
      `select slot, status_connector from ${connectors}
       where id_connector = ${connector} and day between ${year[0]} and ${year[1]} order by slot`,
  ),
  read('all points at a slot', 'lookup', ({ points }, { slot }) => byStatus(points, `slot = ${slot}`)),
  read('all points at a slot of a day', 'lookup', ({ points }, { slot, day }) =>
    byStatus(points, `slot = ${slot} and day = ${day}`),
  ),
  read('all points at a query_time', 'lookup', ({ points }, { queryTime }) =>
    byStatus(points, `query_time = ${queryTime}`),
  ),
  read('all points at a query_time of a day', 'lookup', ({ points }, { queryTime, day }) =>
    byStatus(points, `query_time = ${queryTime} and day = ${day}`),
  ),
  read(
    'all points with the slot before, by point and slot',
    'scan',
    ({ points }, { day }) =>
      `select before.status_cp, after.status_cp, count(*) from ${points} as after
       join ${points} as before
         on before.id_chargingpoint = after.id_chargingpoint and before.slot = after.slot - interval '10 minutes'
         and before.day = after.day
       where after.day = ${day} and before.status_cp <> after.status_cp group by 1, 2`,
  ),
  read(
    'a day joined with itself by point and slot',
    'scan',
    ({ points }, { day }) =>
      `select count(*) from ${points} as one
       join ${points} as same on same.id_chargingpoint = one.id_chargingpoint and same.slot = one.slot
       where one.day = ${day} and same.day = ${day}`,
  ),
  read(
    "a station's points side by side, by slot",
    'lookup',
    ({ points }, { station, day }) =>
      `select slot, count(*) filter (where one.status_cp = other.status_cp) as equal
       from ${points} as one
       join ${points} as other using (slot, day)
       where day = ${day} and one.id_chargingpoint < other.id_chargingpoint
         and one.id_chargingpoint in (select id_cp from charging_point where id_cs = ${station})
         and other.id_chargingpoint in (select id_cp from charging_point where id_cs = ${station})
       group by slot order by slot`,
  ),
  read(
    'a point with its connectors, by slot',
    'lookup',
    ({ points, connectors }, { point, day }) =>
      `select fact.slot, fact.status_cp, plug.status_connector from ${points} as fact
       join connector on connector.id_cp = fact.id_chargingpoint
       join ${connectors} as plug on plug.id_connector = connector.id_connector and plug.slot = fact.slot and plug.day = fact.day
       where fact.id_chargingpoint = ${point} and fact.day = ${day} order by fact.slot`,
  ),
  read(
    'a day with its connectors, by slot',
    'scan',
    ({ points, connectors }, { day }) =>
      `select count(*) filter (where fact.status_cp <> plug.status_connector) from ${points} as fact
       join connector on connector.id_cp = fact.id_chargingpoint
       join ${connectors} as plug on plug.id_connector = connector.id_connector and plug.slot = fact.slot
       where fact.day = ${day} and plug.day = ${day}`,
  ),
  read(
    'a day by city, with dimensions',
    'scan',
    ({ points }, { day }) =>
      `select city, avg((status_cp = 'CHARGING')::int) as charging from ${points} as fact
       join charging_point on id_cp = id_chargingpoint join charging_station using (id_cs)
       where day = ${day} group by city`,
  ),
  read(
    "a station's day, with dimensions",
    'lookup',
    ({ points }, { station, day }) =>
      `select fact.* from charging_point as point join ${points} as fact on fact.id_chargingpoint = point.id_cp
       where point.id_cs = ${station} and fact.day = ${day} order by fact.slot`,
  ),
  read(
    'a city at a slot, with dimensions',
    'lookup',
    ({ points }, { station, slot }) =>
      `select status_cp, count(*) from ${points} as fact
       join charging_point on id_cp = id_chargingpoint join charging_station using (id_cs)
       where slot = ${slot} and city = (select city from charging_station where id_cs = ${station}) group by 1`,
  ),
  read(
    'a day by city, as was',
    'scan',
    ({ pointsAsWas }, { day }) =>
      `select city, avg((status_cp = 'CHARGING')::int) as charging from ${pointsAsWas} where day = ${day} group by city`,
  ),
  read(
    "a point's day, as was",
    'lookup',
    ({ pointsAsWas }, { point, day }) =>
      `select * from ${pointsAsWas} where id_chargingpoint = ${point} and day = ${day} order by slot`,
  ),
  read(
    'all points at a slot, as was',
    'lookup',
    ({ pointsAsWas }, { slot }) =>
      `select operator_name, status_cp, count(*) from ${pointsAsWas} where slot = ${slot} group by 1, 2`,
  ),
  read(
    "a day's connectors by power, as was",
    'scan',
    ({ connectorsAsWas }, { day }) =>
      `select power_type, status_connector, count(*) from ${connectorsAsWas} where day = ${day} group by 1, 2`,
  ),
  read(
    'a day by hour, with time',
    'scan',
    ({ points }, { day }) =>
      `select hour, avg((status_cp = 'CHARGING')::int) as charging from ${points} as fact
       join "time" using (query_time) where fact.day = ${day} group by hour`,
  ),
  read(
    "a point's year by hour, with time",
    'lookup',
    ({ points }, { point, year }) =>
      `select hour, avg((status_cp = 'CHARGING')::int) as charging from ${points} as fact
       join "time" using (query_time)
       where id_chargingpoint = ${point} and fact.day between ${year[0]} and ${year[1]} group by hour`,
  ),
  read(
    "a month's hour, by time alone",
    'scan',
    ({ points }, { day, hour }) =>
      `select status_cp, count(*) from ${points} as fact join "time" using (query_time)
       where "time".year = extract(year from ${day}::date) and "time".month = extract(month from ${day}::date)
         and "time".hour = ${hour} group by 1`,
  ),
  read(
    'the first 2000, as Metabase shows a table',
    'lookup',
    ({ points }) => `select * from ${points} limit 2000`,
  ),
  read(
    'the first 10000, as Metabase reads to know its columns',
    'lookup',
    ({ points }) =>
      `select id_status_cp, id_chargingpoint, query_time, status_cp, status_parkingsensor, slot, day from ${points} limit 10000`,
  ),
  read(
    'the values of a column, as Metabase lists them',
    'scan',
    ({ points }) => `select status_cp from ${points} group by status_cp order by status_cp limit 1001`,
  ),
  read('the last day', 'scan', ({ points }) => `select min(day), max(day) from ${points}`),
  read(
    'the first and the last slot and query_time',
    'scan',
    ({ points }) => `select min(slot), max(slot), min(query_time), max(query_time) from ${points}`,
  ),
  read(
    'how many points there are',
    'scan',
    ({ points }) => `select count(distinct id_chargingpoint) from ${points}`,
  ),
  ...queriesOfTheDocs(),
];

function read(name: string, kind: ReadKind, sql: Read['sql']): Read {
  return { name, kind, sql };
}

const byStatus = (facts: string, condition: string) =>
  `select status_cp, count(*) from ${facts} where ${condition} group by 1`;

const ordered = (facts: string, condition: string) =>
  `select slot, status_cp from ${facts} where ${condition} order by slot`;

/** Return the queries of docs/bi.md, with their dates replaced by the asked day and month. */
function queriesOfTheDocs(): Read[] {
  const page = readFileSync(new URL('../docs/bi.md', import.meta.url), 'utf8');
  const found = page.matchAll(/^### \d+\. (.*)\n\n```sql\n([^`]*)```/gm);
  return [...found].map(([, title = '', statement = '']) =>
    read(`docs/bi.md: ${title}`, 'mart', (_, { day, month }) =>
      statement
        .replaceAll("'2022-01-11'", day)
        .replaceAll("'2022-01-01'", month[0])
        .replaceAll("'2022-01-31'", month[1])
        .replace(/;\s*$/, ''),
    ),
  );
}

/** Choose values of a published day to search for: a slot in the middle of the day, and a random connector. */
export async function chooseAsked(client: pg.ClientBase, day: string): Promise<Asked> {
  const { rows } = await client.query<Record<Exclude<keyof Asked, 'month' | 'year'>, string>>(
    `with middle as (
       select id_cp, id_cs, id_connector from connector join charging_point using (id_cp)
       where exists (select from observation.charging_point_span span where id_chargingpoint = id_cp and span.day = $1)
       order by md5(id_connector) limit 1
     ), poll as (
       select slot, query_time from ops.poll where day = $1
       order by abs(extract(epoch from slot - (select percentile_disc(0.5) within group (order by slot) from ops.poll where day = $1))), feed
       limit 1
     )
     select ($1::date)::text as day, slot::text as slot, query_time::text as "queryTime", id_cp as point, id_connector as connector,
       id_cs::text as station, extract(hour from slot at time zone 'Europe/Berlin')::text as hour
     from middle, poll`,
    [day],
  );
  const [row] = rows;
  if (!row) throw new Error(`the warehouse has no facts of ${day}`);
  const { station, hour, ...literals } = row;
  const quoted = Object.fromEntries(
    Object.entries(literals).map(([name, value]) => [name, pg.escapeLiteral(value)]),
  ) as Record<keyof typeof literals, string>;
  return {
    ...quoted,
    station,
    hour,
    month: [`${quoted.day}::date - 29`, quoted.day],
    year: [`${quoted.day}::date - 364`, quoted.day],
  };
}

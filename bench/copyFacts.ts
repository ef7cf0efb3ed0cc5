import type pg from 'pg';

/** The tables of status spans, with their columns besides the slots and the day. */
const COLUMNS = {
  'observation.charging_point_span': ['feed', 'id_chargingpoint', 'status_cp', 'status_parkingsensor'],
  'observation.connector_span': ['feed', 'id_connector', 'status_connector'],
};

/**
 * Copy a published day's spans, polls and rows of `time` to an earlier day, as its first revision.
 * Instants are shifted by 24 hours per day, even when the clocks changed between the days.
 *
 * @param back number of days between the two days
 */
export async function copyFacts(client: pg.ClientBase, day: string, back: number): Promise<void> {
  const earlier = `interval '${24 * back} hours'`;
  for (const [table, columns] of Object.entries(COLUMNS))
    await client.query(
      `insert into ${table} (first_slot, last_slot, day, ${columns.join(', ')})
       select first_slot - ${earlier}, last_slot - ${earlier}, day - ${back}, ${columns.join(', ')}
       from ${table} where day = $1 order by ${columns[1] ?? ''}, first_slot`,
      [day],
    );
  await client.query(
    `insert into ops.poll select (jsonb_populate_record(poll, jsonb_build_object(
       'day', day - ${back}, 'slot', slot - ${earlier}, 'query_time', query_time - ${earlier},
       'received_at', received_at - ${earlier}))).*
     from ops.poll as poll where day = $1 order by feed, slot`,
    [day],
  );
  await client.query(
    `insert into ops.day_revision (day, revision, reason, load)
     select day - ${back}, 1, reason, load from ops.day_revision where day = $1 order by revision desc limit 1`,
    [day],
  );
  await client.query(
    `insert into "time" (query_time, hour, day, week, month, year, weekday)
     select query_time, extract(hour from at), extract(day from at), extract(week from at),
       extract(month from at), extract(year from at), extract(dow from at)
     from (select distinct query_time from ops.poll where day = $1::date - ${back}) polled,
       lateral (select query_time at time zone 'Europe/Berlin' as at) local
     on conflict (query_time) do nothing`,
    [day],
  );
}

import type pg from 'pg';
import { type Load, LoadRefused } from '../warehouse.js';
import { requireUncrashed } from './aside.js';

interface Check {
  /** What is promised, as the beginning of the sentence that says it is broken. */
  promise: string;
  /** One row, one number `broken`: how often. */
  sql: string;
  /** It is about facts and what was counted of them: not of a load that leaves them in the archive. */
  comparesFacts?: boolean;
}

const FACT_KINDS = [
  {
    fact: 'new_charging_point_fact',
    run: 'new_charging_point_run',
    fact_id: 'id_chargingpoint',
    id: 'id_cp',
  },
  { fact: 'new_connector_fact', run: 'new_connector_run', fact_id: 'id_connector', id: 'id_connector' },
];

const CHECKS: Check[] = [
  ...FACT_KINDS.flatMap(({ fact, run, fact_id: factId, id }) => [
    {
      promise: `${fact}: an id and slot make one fact, of an entity that has a run in that day`,
      // One pass: an entity has no more facts than polls that showed it, and no slot twice.
      sql: `
        select count(*) as broken
        from (select ${factId} as id, count(*) as facts, count(distinct slot) as slots from ${fact} group by 1) f
        left join (select ${id} as id, sum(polls) as polls from ${run} group by 1) r using (id)
        where facts <> slots or polls is null or facts > polls`,
    },
  ]),
  {
    promise: 'new_ledger: the facts counted are the facts copied',
    comparesFacts: true,
    sql: `
      select abs(coalesce(sum(charging_point_facts), 0) - (select count(*) from new_charging_point_fact))
        + abs(coalesce(sum(connector_facts), 0) - (select count(*) from new_connector_fact)) as broken
      from new_ledger`,
  },
  {
    promise: 'new_charging_point_run: a charging point has a station',
    sql: `
      select count(*) as broken from new_charging_point_run p
      where not exists (select from new_charging_station_run s where s.id_cs = p.id_cs)`,
  },
  {
    promise: 'new_connector_run: a connector has a charging point',
    sql: `
      select count(*) as broken from new_connector_run c
      where not exists (select from new_charging_point_run p where p.id_cp = c.id_cp)`,
  },
];

/**
 * Verifies the load's promises. Call where its tables are found. Throws LoadRefused, which names the broken one, and
 * LoadOutdated where a crash of Postgres has emptied some.
 */
export async function checkAside(client: pg.PoolClient, load: Load): Promise<void> {
  await requireUncrashed(client, load);
  for (const { promise, sql, comparesFacts } of CHECKS) {
    if (comparesFacts && load.withoutFacts) continue;
    const { rows } = await client.query<{ broken: string }>(sql);
    const broken = Number(rows[0]?.broken);
    if (broken > 0)
      throw new LoadRefused(`the day is not published, for a promise is broken ${broken} times: ${promise}`);
  }
}

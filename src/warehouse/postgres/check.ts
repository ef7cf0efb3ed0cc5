import type pg from 'pg';
import { type Load, LoadRefused } from '../warehouse.js';

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

/** The longest day, on which clocks go back, in minutes: slots are no closer than one. */
const MINUTES_OF_DAY = 25 * 60;

/** Each goes through all facts of a kind. */
const OF_FACTS = FACT_KINDS.map(({ fact, run, fact_id: factId, id }): Check => ({
  promise: `${fact}: an id and slot make one fact, of an entity that has a run in that day`,
  // One pass: an entity has no more facts than polls that showed it, and no slot twice. A bit for each minute counts the
  // slots without sorting all facts, which takes several times as long.
  sql: `
    select count(*) as broken
    from (
      select ${factId} as id, count(*) as facts,
        bit_count(bit_or(1::bit(${MINUTES_OF_DAY}) << ((date_part('epoch', slot) / 60)::int % ${MINUTES_OF_DAY}))) as slots
      from ${fact} group by 1
    ) f
    left join (select ${id} as id, sum(polls) as polls from ${run} group by 1) r using (id)
    where facts <> slots or polls is null or facts > polls`,
}));

const CHECKS: Check[] = [
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
 * Verifies the load's promises, but for those of {@link FACT_CHECKS}. Call where its tables are found. Throws LoadRefused,
 * which names the broken one.
 */
export async function checkAside(client: pg.PoolClient, load: Load): Promise<void> {
  for (const check of CHECKS) if (!(check.comparesFacts && load.withoutFacts)) await verify(client, check);
}

/** The promises that all facts must be gone through for: each may be verified on a connection of its own. Throw LoadRefused. */
export const FACT_CHECKS = OF_FACTS.map((check) => (client: pg.PoolClient) => verify(client, check));

async function verify(client: pg.PoolClient, { promise, sql }: Check): Promise<void> {
  const { rows } = await client.query<{ broken: string }>(sql);
  const broken = Number(rows[0]?.broken);
  if (broken > 0)
    throw new LoadRefused(`the day is not published, for a promise is broken ${broken} times: ${promise}`);
}

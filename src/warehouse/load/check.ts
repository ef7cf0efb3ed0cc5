import type pg from 'pg';
import { LoadRefused } from '../warehouse.js';
import { FACTS } from './fact.js';

export interface Check {
  /** What is promised, as the beginning of the sentence that says it is broken. */
  promise: string;
  /** One row, one number `broken`: how often. */
  sql: string;
  /** It is about facts and what was counted of them: not of a load that leaves them in the archive. */
  comparesFacts?: boolean;
}

/** Each goes through all runs of statuses of a kind. */
export const OF_FACTS = FACTS.flatMap(({ run, id, entity }): Check[] => [
  {
    promise: `new_${run}: an id and slot make one fact, of an entity that has a run in that day`,
    sql: `
        select count(*) as broken
        from (
          select id, sum(polls) as facts, max(is_doubled) as is_doubled
          from (
            select ${id} as id, polls,
              case when lag(last_slot) over (partition by ${id} order by first_slot) >= first_slot then 1 else 0 end as is_doubled
            from new_${run}
          ) in_order
          group by id
        ) fact
        left join (select ${entity.id} as id, sum(polls) as polls from new_${entity.run} group by ${entity.id}) seen
          on seen.id = fact.id
        where fact.is_doubled = 1 or seen.polls is null or fact.facts > seen.polls`,
  },
  {
    promise: `new_${run}: a run goes from poll to poll of its feed, and over as many as it says`,
    sql: `
        with counted as (
          select feed, slot, row_number() over (partition by feed order by slot) as number from new_poll
        )
        select count(*) as broken
        from new_${run} run
        left join counted first_poll on first_poll.feed = run.feed and first_poll.slot = run.first_slot
        left join counted last_poll on last_poll.feed = run.feed and last_poll.slot = run.last_slot
        where last_poll.number is null or first_poll.number is null
          or last_poll.number - first_poll.number + 1 <> run.polls`,
  },
]);

/** */
export const OF_LEDGER: Check = {
  promise: 'new_ledger: the facts counted are the facts copied',
  comparesFacts: true,
  sql: `
      select abs(counted.points - point.copied) + abs(counted.connectors - connector.copied) as broken
      from (
        select coalesce(sum(charging_point_facts), 0) as points, coalesce(sum(connector_facts), 0) as connectors
        from new_ledger
      ) counted
      cross join (select coalesce(sum(polls), 0) as copied from new_charging_point_status_run) point
      cross join (select coalesce(sum(polls), 0) as copied from new_connector_status_run) connector`,
};

/** Throws LoadRefused where a promise is broken, and names it. */
export async function verify(client: pg.PoolClient, { promise, sql }: Check): Promise<void> {
  const { rows } = await client.query<{ broken: string }>(sql);
  const broken = Number(rows[0]?.broken);
  if (broken > 0)
    throw new LoadRefused(`the day is not published, for a promise is broken ${broken} times: ${promise}`);
}

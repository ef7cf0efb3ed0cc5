import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type Fact, FACTS as BOTH } from '../load/fact.js';
import { list } from '../load/tables.js';
import { literal } from '../literal.js';
import { type Load, LoadRefused } from '../warehouse.js';

type StoredFact = Fact & { table: string };

/** The two facts, each with its table. */
export const FACTS: readonly StoredFact[] = BOTH.map((fact) => ({ ...fact, table: tableOf(fact) }));

function tableOf({ name }: Fact): string {
  return `${name}_fact`;
}

/** Replaces the day's facts, or adds to them where the load is an addition. Throws LoadRefused where they don't add up. */
export async function publishFacts(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    if (load.addsTo === undefined)
      await client.query(`delete from ${fact.table} where day = ${literal(load.day)}`);
    await addFacts(client, fact, load);
  }
}

/** Makes a fact of each poll that a status span covers. Throws LoadRefused where they are not as many as counted. */
async function addFacts(
  client: pg.PoolClient,
  { table, spans, id, columns }: StoredFact,
  { day }: Load,
): Promise<void> {
  const { rowCount: facts } = await client.query(
    `insert into ${table} (day, slot, query_time, ${list([id, ...columns])})
     select ${literal(day)}::date, poll.slot, poll.query_time, ${list([id, ...columns], 'span.')}
     from new_${spans} span
     join new_poll poll on poll.feed = span.feed and poll.slot >= span.first_slot and poll.slot <= span.last_slot`,
  );
  const { rows } = await client.query<{ polls: string }>(
    `select coalesce(sum(polls), 0) as polls from new_${spans}`,
  );
  const counted = Number(rows[0]?.polls);
  if (facts !== counted)
    throw new LoadRefused(
      `new_${spans} stands for ${counted} facts, but has made ${facts}: load the day again`,
    );
}

/** Removes a published day's facts. Returns how many there were. */
export async function removeFacts(client: pg.PoolClient, fact: Fact, day: Day): Promise<number> {
  const { rows } = await client.query<{ facts: string }>(
    `select count(*) as facts from ${tableOf(fact)} where day = $1`,
    [day],
  );
  await client.query(`delete from ${tableOf(fact)} where day = $1`, [day]);
  return Number(rows[0]?.facts);
}

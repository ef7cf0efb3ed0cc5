import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type Fact, FACTS as BOTH } from '../load/fact.js';
import { list } from '../load/tables.js';
import { literal } from '../literal.js';
import { type Load, LoadRefused } from '../warehouse.js';

type StoredFact = Fact & { table: string };

/** The two kinds of facts, each with its table. */
export const FACTS: readonly StoredFact[] = BOTH.map((fact) => ({ ...fact, table: tableOf(fact) }));

function tableOf({ name }: Fact): string {
  return `${name}_fact`;
}

/**
 * Replace the day's facts, or add to them if the load is an addition.
 *
 * @throws LoadRefused when the number of inserted facts differs from that of the status spans
 */
export async function publishFacts(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    if (load.addsTo === undefined)
      await client.query(`delete from ${fact.table} where day = ${literal(load.day)}`);
    await addFacts(client, fact, load);
  }
}

/**
 * Insert a fact for each poll that a status span covers.
 *
 * @throws LoadRefused when the number of inserted facts differs from that of the status spans
 */
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
      `the status spans in new_${spans} stand for ${counted} facts, but gave ${facts} rows. ` +
        'Load the day again with "ladepuls load --from DAY".',
    );
}

/** Delete the facts of a published day, and return their number. */
export async function removeFacts(client: pg.PoolClient, fact: Fact, day: Day): Promise<number> {
  const { rows } = await client.query<{ facts: string }>(
    `select count(*) as facts from ${tableOf(fact)} where day = $1`,
    [day],
  );
  await client.query(`delete from ${tableOf(fact)} where day = $1`, [day]);
  return Number(rows[0]?.facts);
}

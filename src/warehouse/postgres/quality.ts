import type pg from 'pg';
import { QUALITY_RULES } from '../../quality/registry.js';
import { CHECKED, publishRules } from '../load/quality.js';
import type { Load } from '../warehouse.js';
import { PUBLISHED } from './schemas.js';

/** Each entity as the day showed it last. */
const SEEN = [
  { seen: 'seen_charging_station', run: 'new_charging_station_run', id: 'id_cs' },
  { seen: 'seen_charging_point', run: 'new_charging_point_run', id: 'id_cp' },
  { seen: 'seen_connector', run: 'new_connector_run', id: 'id_connector' },
];
const TABLES = ['quality', 'quality_finding'] as const;

/**
 * Holds what stands aside against every rule of quality, replacing what an earlier call found. Call where the load's tables
 * are found, once its intervals are derived.
 */
export async function examineQuality(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query('truncate new_quality, new_quality_finding');
  for (const { seen, run, id } of SEEN)
    await client.query(
      `create temp table ${seen} on commit drop as
       select distinct on (${id}) * from ${run} order by ${id}, last_slot desc, feed;
       analyze ${seen}`,
    );
  await client.query('analyze new_status_interval');
  for (const { name, examine, readsIntervals } of QUALITY_RULES) {
    if (load.withoutFacts && readsIntervals) continue;
    await client.query(
      `with examined as (${examine}), finding as (
         insert into new_quality_finding (rule, feed, id, value, failed)
         select $1::varchar, feed, id, value, failed from examined where failed > 0
       )
       insert into new_quality (rule, feed, checked, failed)
       select $1::varchar, feed, ${CHECKED}, sum(failed) from examined group by feed`,
      [name],
    );
  }
  if (load.withoutFacts) await keepPublished(client, load);
}

/** Keeps what the rules that read intervals have found in the day while its facts were there. */
async function keepPublished(client: pg.PoolClient, { day }: Load): Promise<void> {
  const kept = QUALITY_RULES.filter(({ readsIntervals }) => readsIntervals).map(({ name }) => name);
  for (const table of TABLES)
    await client.query(
      `insert into new_${table} select * from ${PUBLISHED.ops}.${table} where day = $1 and rule = any($2)`,
      [day, kept],
    );
}

/** Publishes the rules, where they are not as published, and what they found. Call in the publication. */
export async function publishQuality(client: pg.PoolClient, { day }: Load): Promise<void> {
  await publishRules(client);
  for (const table of TABLES) {
    await client.query(`delete from ${table} where day = $1`, [day]);
    await client.query(`insert into ${table} select * from new_${table}`);
  }
}

import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { QUALITY_RULES } from '../../quality/registry.js';
import { type Load, LoadRefused } from '../warehouse.js';
import { PUBLISHED } from './schemas.js';

/** Each entity as the day showed it last. */
const SEEN = [
  { seen: 'seen_charging_station', run: 'new_charging_station_run', id: 'id_cs' },
  { seen: 'seen_charging_point', run: 'new_charging_point_run', id: 'id_cp' },
  { seen: 'seen_connector', run: 'new_connector_run', id: 'id_connector' },
];
const TABLES = ['quality', 'quality_finding'] as const;

/**
 * What is wrong was examined, also where a rule counts it elsewhere: a feed says something unreadable of what another feed
 * shows later in the day, or twice in a poll. On Redshift too.
 */
export const CHECKED = 'greatest(sum(checked), sum(failed))';

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

/**
 * Throws LoadRefused where a severe rule fails. Call where the load's tables are found, once they are examined. The same on
 * Redshift.
 */
export async function refuseSevere(client: pg.PoolClient, { day }: Load): Promise<void> {
  const severe = QUALITY_RULES.filter(({ severity }) => severity === 'severe');
  const { rows } = await client.query<{ rule: string; feed: string; checked: string; failed: string }>(
    `select rule, feed, checked, failed from new_quality
     where rule in (${severe.map(({ name }) => `'${name}'`).join(', ')}) order by failed desc, feed`,
  );
  const broken = severe.flatMap(({ name, meaning, threshold }) => {
    const found = rows.filter(({ rule }) => rule === name);
    const sumOf = (column: 'checked' | 'failed') =>
      found.reduce((sum, { [column]: count }) => sum + Number(count), 0);
    const [checked, failed] = [sumOf('checked'), sumOf('failed')];
    if (failed <= threshold * checked) return [];
    const feeds = found.filter((one) => Number(one.failed) > 0).map(({ feed }) => feed);
    return [
      `${name} (${meaning}) is broken ${failed} times of ${checked}, by ${feeds.join(', ')}; allowed are ${threshold * 100} %`,
    ];
  });
  if (broken.length > 0)
    throw new LoadRefused(
      `${day} is not published, because severe rules of quality fail: ${broken.join('; ')}. ` +
        'With LADEPULS_REFUSE_SEVERE=no, it is loaded nevertheless.',
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

/** Publishes the rules, where they are not as published. Call in the publication. The same on Redshift. */
export async function publishRules(client: pg.PoolClient): Promise<void> {
  const rules = QUALITY_RULES.map(({ name, meaning, subject, severity, threshold }, index) => ({
    rule: name,
    meaning,
    subject,
    severity,
    threshold,
    rank: index + 1,
  }));
  const columns = ['rule', 'meaning', 'subject', 'severity', 'threshold', 'rank'];
  const { rows } = await client.query(`select ${columns.join(', ')} from quality_rule order by rank`);
  if (isDeepStrictEqual(rows, rules)) return;
  const places = rules.map(
    (_, row) => `(${columns.map((__, column) => `$${row * columns.length + column + 1}`).join(', ')})`,
  );
  await client.query('delete from quality_rule');
  await client.query(
    `insert into quality_rule (${columns.join(', ')}) values ${places.join(', ')}`,
    rules.flatMap((rule) => Object.values(rule)),
  );
}

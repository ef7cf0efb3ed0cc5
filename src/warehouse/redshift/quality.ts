import type pg from 'pg';
import { QUALITY_RULES } from '../../quality/registry.js';
import type { Load } from '../warehouse.js';
import { CHECKED } from '../load/quality.js';
import { withTemporary } from '../load/temporary.js';
import { FILE_TABLES, QUALITY, QUALITY_FINDING, list, stagingTable, type DayTable } from '../load/tables.js';
import { literal } from '../literal.js';
import { PUBLISHED } from './schemas.js';

/** Each entity as the day showed it last. */
const SEEN = [
  { seen: 'seen_charging_station', run: FILE_TABLES.charging_station_run },
  { seen: 'seen_charging_point', run: FILE_TABLES.charging_point_run },
  { seen: 'seen_connector', run: FILE_TABLES.connector_run },
];

/**
 * Holds what stands aside against every rule of quality, as `../postgres/quality.ts` does, but by one statement for all of
 * them: each that Redshift has not seen yet is compiled, and takes some seconds. Call where the load's tables are found, once
 * its intervals are derived.
 */
export async function examineQuality(client: pg.PoolClient, load: Load): Promise<void> {
  for (const of of [QUALITY, QUALITY_FINDING]) await client.query(`delete from ${stagingTable(of)}`);
  for (const { seen, run } of SEEN)
    await client.query(`create temp table ${seen} distkey (${run.distributedBy}) as ${LAST_SEEN(run)}`);
  await withTemporary(client, 'examined', 'distkey (id)', EXAMINED(load), async () => {
    await client.query(
      `insert into ${stagingTable(QUALITY)} (${list(QUALITY.columns)})
       select rule, feed, ${CHECKED}, sum(failed) from examined group by rule, feed`,
    );
    await client.query(
      `insert into ${stagingTable(QUALITY_FINDING)} (${list(QUALITY_FINDING.columns)})
       select ${list(QUALITY_FINDING.columns)} from examined where failed > 0`,
    );
  });
  for (const { seen } of SEEN) await client.query(`drop table ${seen}`);
  if (load.withoutFacts) await keepPublished(client, load);
}

const LAST_SEEN = (run: DayTable) => `
  select ${list(run.columns)} from (
    select ${list(run.columns)},
      row_number() over (partition by ${run.distributedBy} order by last_slot desc, feed) as place
    from ${stagingTable(run)}
  ) shown where place = 1`;

const EXAMINED = ({ withoutFacts }: Load) =>
  QUALITY_RULES.filter(({ readsIntervals }) => !(withoutFacts && readsIntervals))
    .map(
      ({ name, examine }) => `
        select cast(${literal(name)} as varchar(64)) as rule, feed, id, value, checked, failed from (${examine}) ${name}`,
    )
    .join(' union all ');

/** Keeps what the rules that read intervals have found in the day while its facts were there. */
async function keepPublished(client: pg.PoolClient, { day }: Load): Promise<void> {
  const kept = QUALITY_RULES.filter(({ readsIntervals }) => readsIntervals).map(({ name }) => literal(name));
  for (const of of [QUALITY, QUALITY_FINDING])
    await client.query(
      `insert into ${stagingTable(of)} (${list(of.columns)})
       select ${list(of.columns)} from ${PUBLISHED.ops}.${of.table}
       where day = ${literal(day)} and rule in (${kept.join(', ')})`,
    );
}

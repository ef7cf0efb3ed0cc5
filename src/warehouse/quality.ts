import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Day } from '../domain/day.js';
import { QUALITY_RULES } from '../quality/registry.js';
import type { QualityRule } from '../quality/rule.js';
import { DIMENSIONS, named } from './dimensions.js';
import { insertRows } from './load/insert.js';
import { type Database, runMeasure } from './measures/run.js';
import { type Parameters, Sql } from './measures/sql.js';
import { type Load, LoadRefused } from './warehouse.js';

/**
 * Apply every quality rule to the load's rows in staging, and replace the results of an earlier call. Call when the
 * search path has the load's staging schema, after the status periods are derived.
 */
export async function examineQuality(client: pg.PoolClient, database: Database, load: Load): Promise<void> {
  const run = (name: string, parameters: Parameters = {}) => runMeasure(client, database, name, parameters);
  await run('unexamined');
  for (const dimension of DIMENSIONS) await run('seen', named(database, dimension));
  const queries = QUALITY_RULES.filter(
    ({ readsIntervals }) => !(load.withoutFacts && readsIntervals),
  ).flatMap(examined);
  for (const together of database === 'redshift' ? [queries] : queries.map((query) => [query]))
    await run('quality', { examine: new Sql(together.join('\n  union all\n  ')) });
  await run('examined');
  if (load.withoutFacts)
    await run('published_quality', {
      day: load.day,
      ops: new Sql('ops'),
      reading_intervals: READING_INTERVALS,
    });
}

/** Return the query of a rule that reads staging, with the rule's name as a column. */
function examined({ name, examine }: QualityRule): string[] {
  if (typeof examine !== 'string') return [];
  return [
    `select cast('${name}' as varchar(64)) as rule, feed, id, value, checked, failed from (${examine}) as ${name}`,
  ];
}

const OF_POLLS = QUALITY_RULES.flatMap(({ name, examine }) =>
  typeof examine === 'string' ? [] : [{ name, ...examine }],
);

/**
 * Replace the results of the rules about incomplete polls on some days. Call after these polls were judged, and after
 * the results of the load's own day were published.
 */
export async function publishPollQuality(
  client: pg.PoolClient,
  database: Database,
  days: { first_day: Day; last_day: Day },
): Promise<void> {
  const byRule = OF_POLLS.map(
    ({ name, incomplete }) =>
      `select cast('${name}' as varchar(64)) as rule, cast('${incomplete}' as varchar(32)) as incomplete`,
  );
  await runMeasure(client, database, 'poll_quality', {
    ...days,
    rules: new Sql(OF_POLLS.map(({ name }) => `'${name}'`).join(', ')),
    incomplete_by_rule: new Sql(byRule.join(' union all ')),
  });
}

const READING_INTERVALS = new Sql(
  QUALITY_RULES.filter(({ readsIntervals }) => readsIntervals)
    .map(({ name }) => `'${name}'`)
    .join(', '),
);

/**
 * Check that no severe quality rule fails. Call when the search path has the load's staging schema, after {@link
 * examineQuality}.
 *
 * @throws LoadRefused when a severe quality rule fails
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
      `${name} (${meaning}) is violated in ${failed} of ${checked} cases, by ${feeds.join(', ')}; at most ${threshold * 100} % are allowed`,
    ];
  });
  if (broken.length > 0)
    throw new LoadRefused(
      `${day} is not published, because severe quality rules fail: ${broken.join('; ')}. ` +
        'To publish the day nevertheless, set LADEPULS_REFUSE_SEVERE=no, and load the day again.',
    );
}

/** Publish the list of quality rules if it has changed. Call in the transaction of the publication. */
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
  await client.query('delete from quality_rule');
  await insertRows(client, { into: 'quality_rule', columns }, rules);
}

import pg from 'pg';
import { FLAT_FILES, CONTENT_FILES } from '../../domain/flatFiles.js';
import { type Load, LoadRefused } from '../warehouse.js';
import { FACTS, type Fact } from '../load/fact.js';
import { PUBLISHED } from './schemas.js';

/** Tables of a load besides its facts. */
const TABLES = [...CONTENT_FILES, 'ledger', 'coverage', 'coverage_gap', 'feed_interval'] as const;
/** Names of the content span tables before migration 017, as in a warehouse that stores facts as rows. */
const EARLIER_NAMES = new Map<string, string>([
  ['charging_station_content_span', 'charging_station_run'],
  ['charging_point_content_span', 'charging_point_run'],
  ['connector_content_span', 'connector_run'],
]);
/**
 * Expression for a poll's digest in an earlier version, whose table has the answer's whole raw key. The digest is the
 * only part of the key that other columns do not have.
 */
const DIGEST_OF_KEY = String.raw`substring(key from '-([0-9a-f]{16})\.json\.gz$')`;
/** Greatest number of feeds that an error message names. */
const NAMED_AT_MOST = 5;

/**
 * Fill the staging of a load from the published day. Copy content spans, polls, quarantined records,
 * field issues, ledger and coverage unchanged, and derive the status spans from the published facts.
 *
 * The function reads the fact views. Therefore the published warehouse may store facts as rows or as spans. Call when
 * the search path has the load's staging schema. Idempotent: a second call replaces the rows of the first.
 *
 * @throws LoadRefused when a feed has another number of facts than its ledger counts
 */
export async function bringOver(client: pg.PoolClient, load: Load): Promise<void> {
  for (const table of TABLES) await replace(client, table, load);
  await client.query('analyze new_poll, new_charging_point_content_span, new_connector_content_span');
  for (const fact of FACTS) {
    await client.query(`truncate new_${fact.spans}`);
    if (load.withoutFacts) continue;
    await client.query(SPANS(fact), [load.day]);
    await requireWhole(client, fact, load);
  }
}

/** The table of an earlier version may lack columns, or have them in another order. */
async function replace(client: pg.PoolClient, table: (typeof TABLES)[number], { day }: Load): Promise<void> {
  const published = await publishedTable(client, table);
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute of_load
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and exists (
       select from pg_attribute published
       where published.attrelid = $2::regclass and published.attname = of_load.attname and not published.attisdropped)
     order by attnum`,
    [`new_${table}`, published],
  );
  const columns = new Map(rows.map(({ name }) => [name, pg.escapeIdentifier(name)]));
  if (table === 'poll' && !columns.has('digest')) columns.set('digest', DIGEST_OF_KEY);
  if (table === 'poll' && !columns.has('unidentified')) columns.set('unidentified', 'quarantined');
  await client.query(`truncate new_${table}`);
  await client.query(
    `insert into new_${table} (${[...columns.keys()].map((name) => pg.escapeIdentifier(name)).join(', ')})
     select ${[...columns.values()].join(', ')} from ${published} where day = $1`,
    [day],
  );
}

/** Return the published table's name, which may be that of an earlier version. */
async function publishedTable(client: pg.PoolClient, table: string): Promise<string> {
  const name = `${PUBLISHED.ops}.${table}`;
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    name,
  ]);
  return rows[0]?.there ? name : `${PUBLISHED.ops}.${EARLIER_NAMES.get(table) ?? table}`;
}

/**
 * Statement that derives status spans from facts. A span continues from poll to poll of its feed while each poll has
 * the fact with equal statuses. The feed of a fact is that of the entity's content span in its slot. A fact without
 * such a content span or poll makes no status span. {@link requireWhole} then finds that it is missing.
 */
const SPANS = ({ view, id, columns, spans, entity }: Fact) => {
  const statuses = columns.join(', ');
  return `
    insert into new_${spans} (${FLAT_FILES[spans].join(', ')})
    with counted as (
      select feed, slot, query_time, row_number() over (partition by feed order by slot) as number from new_poll
    ), shown as (
      select fact.${id} as id, entity.feed, fact.slot, ${columns.map((column) => `fact.${column}`).join(', ')},
        counted.number - row_number() over (
          partition by fact.${id}, entity.feed, ${columns.map((column) => `fact.${column}`).join(', ')} order by fact.slot
        ) as island
      from ${PUBLISHED.warehouse}.${view} fact
      join new_${entity.spans} entity
        on entity.${entity.id} = fact.${id} and entity.first_slot <= fact.slot and entity.last_slot >= fact.slot
      join counted
        on counted.feed = entity.feed and counted.slot = fact.slot and counted.query_time = fact.query_time
      where fact.day = $1
    )
    select id, feed, min(slot), max(slot), count(*), ${statuses}
    from shown group by id, feed, island, ${statuses} order by id, min(slot)`;
};

/**
 * Check the number of facts for which the spans in staging stand.
 *
 * @throws LoadRefused when the number differs from the published facts, or from a feed's ledger
 */
async function requireWhole(
  client: pg.PoolClient,
  { view, spans, counted }: Fact,
  { day }: Load,
): Promise<void> {
  const { rows } = await client.query<{ feed: string; found: string; counted: string }>(
    `select feed, coalesce(found.facts, 0) as found, coalesce(ledger.${counted}, 0) as counted
     from (select feed, sum(polls) as facts from new_${spans} group by feed) found
     full join new_ledger ledger using (feed)
     where coalesce(found.facts, 0) <> coalesce(ledger.${counted}, 0) order by feed`,
  );
  const { rows: sums } = await client.query<{ published: string; found: string }>(
    `select (select count(*) from ${PUBLISHED.warehouse}.${view} where day = $1) as published,
       (select coalesce(sum(polls), 0) from new_${spans}) as found`,
    [day],
  );
  const sum = sums[0];
  const isSame = sum !== undefined && Number(sum.published) === Number(sum.found);
  if (rows.length === 0 && isSame) return;
  const named = rows
    .slice(0, NAMED_AT_MOST)
    .map((feed) => `${feed.feed} has ${feed.found} instead of ${feed.counted} facts`);
  const more = rows.length - named.length;
  if (more > 0) named.push(`and ${more} more feeds`);
  if (!isSame) named.push(`${sum?.published} published rows give status spans of ${sum?.found} facts`);
  throw new LoadRefused(
    `${day} can't be rebuilt: the raw store lacks answers of the day, and the published ${view} differs from the ledger: ` +
      `${named.join(', ')}. Import the missing answers with "ladepuls import", then run "ladepuls rebuild" again.`,
  );
}

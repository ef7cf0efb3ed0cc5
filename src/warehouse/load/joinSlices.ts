import type pg from 'pg';
import { FLAT_FILES, SPAN_COLUMNS } from '../../domain/flatFiles.js';
import type { Dialect } from './dialect.js';
import { DIMENSIONS, type Dimension } from '../dimensions.js';
import { literal } from '../literal.js';
import { list } from './tables.js';
import { withTemporary } from './temporary.js';

/**
 * Columns that identify a quarantined record or a field issue. Cleaning uses the same columns within a feed slice.
 */
const FINDINGS = {
  quarantine: 'feed, entity, coalesce(id, path), reason',
  field_issue: "feed, entity, coalesce(id, ''), field, reason",
} as const;

/**
 * Join the rows of feeds that were cleaned in slices, as if each feed's whole day had been cleaned in one go. Spans
 * that continue in the next slice become one span, and equal rows of quarantined records or field issues become one row.
 *
 * Idempotent. Call when the search path has the load's staging schema.
 */
export async function joinSlices(
  client: pg.PoolClient,
  { words }: Dialect,
  feeds: readonly string[],
): Promise<void> {
  if (feeds.length === 0) return;
  const joined = words.joinedBy('feed');
  const among = `feed in (${feeds.map(literal).join(', ')})`;
  for (const dimension of DIMENSIONS) {
    const columns = [dimension.id, ...SPAN_COLUMNS, ...dimension.columns];
    await withTemporary(client, 'joined_slice', joined, JOINED_SPANS(dimension, among), () =>
      replace(client, `new_${dimension.spans}`, columns, among),
    );
  }
  for (const table of ['quarantine', 'field_issue'] as const)
    await withTemporary(client, 'joined_slice', joined, JOINED_FINDINGS(table, among), () =>
      replace(client, `new_${table}`, FLAT_FILES[table], among),
    );
}

async function replace(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  among: string,
): Promise<void> {
  await client.query(`delete from ${table} where ${among}`);
  await client.query(`insert into ${table} (${list(columns)}) select ${list(columns)} from joined_slice`);
}

/**
 * Query for the joined spans: a span continues in the next span if both have equal content and no poll of the feed is
 * between them.
 */
const JOINED_SPANS = ({ spans, id, columns }: Dimension, among: string) => {
  const equal = columns.map(
    (column) =>
      `(this."${column}" = before."${column}" or (this."${column}" is null and before."${column}" is null))`,
  );
  return `
    with counted as (
      select feed, slot, row_number() over (partition by feed order by slot) as number from new_poll where ${among}
    ), following as (
      select span.${id} as id, span.feed, span.first_slot, span.last_slot, span.polls, ${list(columns, 'span.')},
        first_poll.number as first_number,
        lag(last_poll.number) over (partition by span.feed, span.${id} order by span.first_slot) as before_number,
        lag(span.first_slot) over (partition by span.feed, span.${id} order by span.first_slot) as before_slot
      from new_${spans} span
      join counted first_poll on first_poll.feed = span.feed and first_poll.slot = span.first_slot
      join counted last_poll on last_poll.feed = span.feed and last_poll.slot = span.last_slot
    ), flagged as (
      select this.id, this.feed, this.first_slot, this.last_slot, this.polls,
        case when this.first_number = this.before_number + 1 and ${equal.join(' and ')} then 0 else 1 end as begins
      from following this
      left join following before
        on before.feed = this.feed and before.id = this.id and before.first_slot = this.before_slot
    ), numbered as (
      select id, feed, first_slot, last_slot, polls,
        sum(begins) over (partition by feed, id order by first_slot rows unbounded preceding) as number
      from flagged
    ), joined as (
      select id, feed, min(first_slot) as first_slot, max(last_slot) as last_slot, sum(polls) as polls
      from numbered group by id, feed, number
    )
    select span.${id}, joined.feed, joined.first_slot, joined.last_slot, joined.polls, ${list(columns, 'span.')}
    from joined
    join new_${spans} span on span.${id} = joined.id and span.feed = joined.feed and span.first_slot = joined.first_slot`;
};

/**
 * Query for the joined quarantined records or field issues: the first occurrence, with the number of all occurrences.
 */
const JOINED_FINDINGS = (table: keyof typeof FINDINGS, among: string) => {
  const same = `partition by ${FINDINGS[table]}`;
  const columns = FLAT_FILES[table].map((column) => {
    if (column === 'last_slot') return `max(last_slot) over (${same}) as last_slot`;
    return column === 'occurrences' ? `sum(occurrences) over (${same}) as occurrences` : `"${column}"`;
  });
  return `
    select ${list(FLAT_FILES[table])} from (
      select ${columns.join(', ')}, row_number() over (${same} order by first_slot) as rank
      from new_${table} where ${among}
    ) counted where rank = 1`;
};

import type pg from 'pg';
import { type Load, LoadRefused } from '../warehouse.js';
import type { Dialect } from './dialect.js';
import { FACTS } from './fact.js';

interface Check {
  /** Condition that must hold; the error message quotes it. */
  promise: string;
  /** Query that returns one row with one column `broken`: the number of violations. */
  sql: string;
  /**
   * Whether the check compares copied facts with counts. Such a check is skipped for a load that leaves its facts in
   * the archive.
   */
  comparesFacts?: boolean;
}

/** Checks that read all status spans of one kind. */
const OF_FACTS = FACTS.flatMap(({ spans, id, entity }): Check[] => [
  {
    promise: `new_${spans}: each entity has at most one fact in a slot, and its content spans have at least as many polls as it has facts`,
    sql: `
        select count(*) as broken
        from (
          select id, sum(polls) as facts, max(is_doubled) as is_doubled
          from (
            select ${id} as id, polls,
              case when lag(last_slot) over (partition by ${id} order by first_slot) >= first_slot then 1 else 0 end as is_doubled
            from new_${spans}
          ) in_order
          group by id
        ) fact
        left join (select ${entity.id} as id, sum(polls) as polls from new_${entity.spans} group by ${entity.id}) seen
          on seen.id = fact.id
        where fact.is_doubled = 1 or seen.polls is null or fact.facts > seen.polls`,
  },
  {
    promise: `new_${spans}: each span begins and ends with a poll of its feed, and its column polls is the number of polls in it`,
    sql: `
        with counted as (
          select feed, slot, row_number() over (partition by feed order by slot) as number from new_poll
        )
        select count(*) as broken
        from new_${spans} span
        left join counted first_poll on first_poll.feed = span.feed and first_poll.slot = span.first_slot
        left join counted last_poll on last_poll.feed = span.feed and last_poll.slot = span.last_slot
        where last_poll.number is null or first_poll.number is null
          or last_poll.number - first_poll.number + 1 <> span.polls`,
  },
]);

/** Check that compares the counts of all chunks with the rows they copied. */
const OF_LEDGER: Check = {
  promise: 'new_ledger: the counts of facts are equal to the numbers of copied facts',
  comparesFacts: true,
  sql: `
      select abs(counted.points - point.copied) + abs(counted.connectors - connector.copied) as broken
      from (
        select coalesce(sum(charging_point_facts), 0) as points, coalesce(sum(connector_facts), 0) as connectors
        from new_ledger
      ) counted
      cross join (select coalesce(sum(polls), 0) as copied from new_charging_point_status_span) point
      cross join (select coalesce(sum(polls), 0) as copied from new_connector_status_span) connector`,
};

/** Unique keys, which some databases do not enforce: a table, followed by the columns of its key. */
const KEYS: [string, ...string[]][] = [
  ['new_charging_station_content_span', 'id_cs', 'first_slot'],
  ['new_charging_point_content_span', 'id_cp', 'first_slot'],
  ['new_connector_content_span', 'id_connector', 'first_slot'],
  ['new_poll', 'feed', 'slot'],
  ['new_ledger', 'feed'],
  ['new_coverage', 'feed'],
  ['new_coverage_gap', 'feed', 'first_slot'],
  ['new_feed_interval', 'feed', 'since'],
  ['new_status_interval', 'id_cp', 'start_at'],
];

/** CHECK constraints: a table, a total, and the sum that must equal the total. */
const SUMS: [string, string, string][] = [
  ['new_ledger', 'bodies', 'parsed + unreadable + surplus + excluded'],
  [
    'new_ledger',
    'charging_points_read',
    'charging_point_facts + charging_points_quarantined + charging_point_duplicates',
  ],
  ['new_ledger', 'connectors_read', 'connector_facts + connectors_quarantined + connector_duplicates'],
  ['new_coverage', 'expected', 'stored + failed + missed'],
];

const PARENTS: [string, string, string, string][] = [
  [
    'new_charging_point_content_span',
    'id_cs',
    'new_charging_station_content_span',
    'each charging point has a station on this day',
  ],
  [
    'new_connector_content_span',
    'id_cp',
    'new_charging_point_content_span',
    'each connector has a charging point on this day',
  ],
];

const OF_PARENTS = PARENTS.map(([table, id, parents, promise]): Check => ({
  promise: `${table}: ${promise}`,
  sql: `
      select count(*) as broken
      from ${table} child left join (select distinct ${id} from ${parents}) parent on parent.${id} = child.${id}
      where parent.${id} is null`,
}));

/** Checks for databases that do not enforce keys and constraints. */
const UNENFORCED: Check[] = [
  ...KEYS.map(([table, ...columns]) => ({
    promise: `${table}: no two rows have the same ${columns.join(' and ')}`,
    sql: `
      select count(*) as broken
      from (select ${columns.join(', ')} from ${table} group by ${columns.join(', ')} having count(*) > 1) doubled`,
  })),
  ...SUMS.map(([table, whole, parts]) => ({
    promise: `${table}: ${whole} = ${parts}`,
    sql: `select count(*) as broken from ${table} where ${whole} <> ${parts}`,
  })),
  {
    promise: 'new_status_interval: end_at is after start_at, and interval_minutes is greater than 0',
    // For a feed without an interval, `end_at` or `interval_minutes` is null.
    sql: `
      select count(*) as broken from new_status_interval
      where end_at is null or interval_minutes is null or end_at <= start_at or interval_minutes <= 0`,
  },
];

/**
 * Check the staging tables.
 *
 * Call when the search path has the load's staging schema, and after the status periods are derived.
 *
 * @throws LoadRefused when a check fails; the message names the check
 */
export async function checkStaging(
  client: pg.PoolClient,
  { enforcesKeys }: Dialect,
  load: Load,
): Promise<void> {
  const checks = [...OF_FACTS, OF_LEDGER, ...(enforcesKeys ? [] : UNENFORCED), ...OF_PARENTS];
  for (const check of checks) if (!(check.comparesFacts && load.withoutFacts)) await verify(client, check);
}

/**
 * Run one check.
 *
 * @throws LoadRefused when the check finds a violation; the message names the check
 */
async function verify(client: pg.PoolClient, { promise, sql }: Check): Promise<void> {
  const { rows } = await client.query<{ broken: string }>(sql);
  const broken = Number(rows[0]?.broken);
  if (broken > 0)
    throw new LoadRefused(
      `the day is not published, because its staging violates a rule ${broken} times: ${promise}. ` +
        'Load the day again with "ladepuls load --from DAY". If that fails too, report this message as a defect of Ladepuls.',
    );
}

import pg from 'pg';
import { GRACE_HOURS, type Window } from '../load/absence.js';
import { type Dimension, DIMENSIONS, touchedTable } from '../load/dimension.js';

/** The most polls that so many hours can have: one a minute. */
const GRACE_POLLS = GRACE_HOURS * 60;

/**
 * Derives the history (type 2) of the entities that a publication touches, from the runs of all loaded days.
 *
 * A version begins where the content differs from that of the run before, or where the entity comes back after it was
 * retired; it ends where the next one begins, or, where the entity was retired, at the first complete poll of its feed
 * that lacked it. Whatever happens within the window changes nothing of a version before or after it but the borders:
 * so only the runs within the window are read, and of each entity the last run before it and the first one after it.
 * The result is the same as if all had been derived from all runs at once, whatever order days are loaded in.
 */
export async function deriveHistory(client: pg.PoolClient, window: Window): Promise<void> {
  const { rows } = await client.query<{ none: boolean }>(
    `select not exists (select from charging_station_history) as none`,
  );
  // A warehouse that was loaded before there were histories: of everything at once.
  const whole = { from: new Date(0), to: new Date(Date.UTC(9999, 0)) };
  for (const dimension of DIMENSIONS) await derive(client, dimension, rows[0]?.none ? whole : window);
}

async function derive(client: pg.PoolClient, dimension: Dimension, window: Window): Promise<void> {
  await touchNeighbours(client, dimension, window);
  await client.query(`analyze ${touchedTable(dimension)}`);
  await client.query(SEQUENCE(dimension), [window.from, window.to]);
  await client.query(VERSIONS(dimension));
  await client.query(REMOVE(dimension));
  await client.query(WRITE(dimension));
  await client.query('drop table sequence, version');
}

/** Adds the entities that other days show within the window, and those that its polls may tell the absence of. */
async function touchNeighbours(client: pg.PoolClient, dimension: Dimension, window: Window): Promise<void> {
  const { table, run, id } = dimension;
  await client.query(
    `insert into ${touchedTable(dimension)}
     select ${id} from ${run} where last_slot >= $1 and first_slot < $2
     union
     select ${id} from ${table} entity
     cross join lateral (
       select feed from ${run} run where run.${id} = entity.${id} and last_slot < $1 order by last_slot desc limit 1
     ) before
     where before.feed in (select feed from touched_feed)
     on conflict do nothing`,
    [window.from, window.to],
  );
}

/**
 * Each touched entity's runs in order: the last one before the window (part 0), those within it (1), the first one
 * after it (2); what stands before and after each, and where the entity was retired in the gap after it.
 */
const SEQUENCE = (dimension: Dimension) => {
  const { run, id } = dimension;
  const touched = touchedTable(dimension);
  const neighbour = (condition: string) =>
    `cross join lateral (select run from ${run} run where run.${id} = touched.id and ${condition} limit 1) found`;
  return `
    create temp table sequence on commit drop as
    with part as (
      select touched.id, 0 as part, found.run
      from ${touched} touched ${neighbour('last_slot < $1 order by last_slot desc')}
      union all
      select touched.id, 1, run
      from ${touched} touched join ${run} run on run.${id} = touched.id
      where last_slot >= $1 and first_slot < $2
      union all
      select touched.id, 2, found.run
      from ${touched} touched ${neighbour('last_slot >= $2 and first_slot >= $2 order by last_slot')}
    ), linked as (
      select id, part, run, lag(run) over in_order as earlier, lead((run).first_slot) over in_order as later
      from part window in_order as (partition by id order by (run).first_slot)
    )
    select linked.*, gap.ended
    from linked left join lateral (
      select case when count(distinct date_trunc('hour', slot at time zone 'UTC')) >= ${GRACE_HOURS} then min(slot) end as ended
      from (
        select slot from poll
        where poll.feed = (run).feed and slot > (run).last_slot and (later is null or slot < later) and complete
        order by slot limit ${GRACE_POLLS}
      ) absence
    ) gap on part < 2`;
};

/**
 * The versions that these runs make. One that began before the window keeps its beginning, one that goes on behind it
 * its end; between the two, they replace what was there.
 */
const VERSIONS = ({ history, id, columns }: Dimension) => {
  const fields = (run: string) =>
    columns.map((column) => `(${run}).${pg.escapeIdentifier(column)}`).join(', ');
  const differing = columns.map((column) => {
    const name = pg.escapeIdentifier(column);
    return `case when (content).${name} is distinct from (before).${name} then ${pg.escapeLiteral(column)} end`;
  });
  const known = (instant: string) =>
    `lateral (select * from ${history} version
       where version.${id} = made.id and valid_from <= ${instant} order by valid_from desc limit 1)`;
  return `
    create temp table version on commit drop as
    with flagged as (
      select *, (run).first_slot, earlier is null or lag(ended) over in_order is not null
        or (${fields('run')}) is distinct from (${fields('earlier')}) as begins
      from sequence window in_order as (partition by id order by (run).first_slot)
    ), numbered as (
      select *, count(*) filter (where begins) over (partition by id order by first_slot) as number from flagged
    ), made as (
      select id, min(part) = 0 as has_begun, max(part) = 2 as goes_on,
        min(first_slot) as first_slot, max(first_slot) as last_slot,
        (array_agg(run order by first_slot))[1] as content,
        (array_agg(earlier order by first_slot))[1] as before,
        (array_agg((run).feed order by first_slot desc))[1] as feed,
        (array_agg(coalesce(ended, later) order by first_slot desc))[1] as ends
      from numbered group by id, number
    )
    select made.id, coalesce(begun.valid_from, first_slot) as valid_from,
      case when goes_on then following.valid_to else ends end as valid_to,
      case when goes_on then following.feed else made.feed end as feed,
      case when has_begun then begun.changed
        when before is null then null
        else concat_ws(',', ${differing.join(', ')}) end as changed,
      content, begun.valid_from as replaced_from, following.valid_from as replaced_to
    from made
    left join ${known('first_slot')} begun on has_begun
    left join ${known('last_slot')} following on goes_on`;
};

const REMOVE = (dimension: Dimension) => `
  delete from ${dimension.history} history using (
    select touched.id, min(replaced_from) as since, max(replaced_to) as until
    from ${touchedTable(dimension)} touched left join version using (id) group by 1
  ) span
  where history.${dimension.id} = span.id
    and (since is null or valid_from >= since) and (until is null or valid_from <= until)
    and not exists (select from version where version.id = span.id and version.valid_from = history.valid_from)`;

const WRITE = ({ history, id, columns }: Dimension) => {
  const attributes = columns.map((column) => pg.escapeIdentifier(column));
  const names = [...attributes, 'feed', 'valid_to', 'is_current', 'changed'];
  return `
    insert into ${history} as old (${id}, valid_from, ${names.join(', ')})
    select id, valid_from, ${attributes.map((name) => `(content).${name}`).join(', ')},
      feed, valid_to, valid_to is null, changed
    from version
    on conflict (${id}, valid_from) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}
    where (${names.map((name) => `old.${name}`).join(', ')})
      is distinct from (${names.map((name) => `excluded.${name}`).join(', ')})`;
};

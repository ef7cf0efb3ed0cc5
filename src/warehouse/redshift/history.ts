import type pg from 'pg';
import { GRACE_HOURS, type Window } from '../load/absence.js';
import { DIMENSIONS, touchedTable, type Dimension } from '../load/dimension.js';
import { contentOf } from './dimensions.js';
import { withTemporary } from '../load/temporary.js';
import { list } from '../load/tables.js';
import { instant, literal } from '../literal.js';

/**
 * Derives the history (type 2) of the entities that a publication touches, as `../postgres/history.ts` says, in joins and
 * windows instead of lateral look-ups: every step is one pass over the touched entities' rows, which lie on one slice each.
 */
export async function deriveHistory(client: pg.PoolClient, window: Window): Promise<void> {
  for (const dimension of DIMENSIONS) await derive(client, dimension, window);
}

async function derive(client: pg.PoolClient, dimension: Dimension, window: Window): Promise<void> {
  await touchNeighbours(client, dimension, window);
  const steps = [
    ['part', 'distkey (id)', PART(dimension, window)],
    ['lacking', 'distkey (feed)', LACKING],
    ['gap', 'distkey (feed)', GAP],
    ['numbered', 'distkey (id)', NUMBERED(dimension)],
    ['made', 'distkey (id)', MADE],
    ['version', 'distkey (id)', VERSION(dimension)],
  ] as const;
  for (const [name, attributes, query] of steps)
    await client.query(`create temp table ${name} ${attributes} as ${query}`);
  await client.query(REMOVE(dimension));
  await client.query(WRITE(dimension));
  for (const [name] of steps) await client.query(`drop table ${name}`);
}

/** Adds the entities that other days show within the window, and those that its polls may tell the absence of. */
async function touchNeighbours(client: pg.PoolClient, dimension: Dimension, window: Window): Promise<void> {
  const { run, id } = dimension;
  const touched = touchedTable(dimension);
  const neighbours = `
    select ${id} as id from ${run} where last_slot >= ${instant(window.from)} and first_slot < ${instant(window.to)}
    union
    select before.id
    from (
      select ${id} as id, feed, row_number() over (partition by ${id} order by last_slot desc) as place
      from ${run} where last_slot < ${instant(window.from)}
    ) before
    join touched_feed on touched_feed.feed = before.feed
    where before.place = 1`;
  await withTemporary(client, 'neighbour', 'distkey (id)', neighbours, () =>
    client.query(
      `insert into ${touched} (id)
       select neighbour.id from neighbour left join ${touched} touched on touched.id = neighbour.id
       where touched.id is null`,
    ),
  );
}

/**
 * Each touched entity's runs in order: the last one before the window (part 0), those within it (1), the first one
 * after it (2).
 */
const PART = (dimension: Dimension, window: Window) => {
  const { run, id, columns } = dimension;
  return `
    with placed as (
      select run.${id} as id, run.feed, run.first_slot, run.last_slot, ${list(columns, 'run.')},
        case
          when run.last_slot < ${instant(window.from)} then 0
          when run.first_slot < ${instant(window.to)} then 1
          else 2
        end as part
      from ${run} run join ${touchedTable(dimension)} touched on touched.id = run.${id}
    ), counted as (
      select id, feed, first_slot, last_slot, ${list(columns)}, part,
        row_number() over (partition by id, part order by last_slot) as from_first,
        row_number() over (partition by id, part order by last_slot desc) as from_last
      from placed
    )
    select id, feed, first_slot, last_slot, ${list(columns)}, part,
      row_number() over (partition by id order by first_slot) as place,
      lead(first_slot) over (partition by id order by first_slot) as later
    from counted
    where part = 1 or (part = 0 and from_last = 1) or (part = 2 and from_first = 1)`;
};

/** The complete polls of the feeds that matter, with the number of the clock hour, counting hours that have one. */
const LACKING = `
  select poll.feed, poll.slot,
    dense_rank() over (partition by poll.feed order by date_trunc('hour', poll.slot)) as hour
  from poll
  join (select feed, min(last_slot) as since from part where part < 2 group by feed) seen on seen.feed = poll.feed
  where poll.complete and poll.slot > seen.since`;

/**
 * The gaps behind runs that ended in retirement: the first complete poll behind the run, where there is one in the
 * ${GRACE_HOURS}th hour from there that comes before the entity is seen again. Many runs end in the same slots.
 */
const GAP = `
  with ending as (
    select distinct feed, last_slot, later from part where part < 2
  ), event as (
    select feed, slot as at, 0 as is_ending, slot, hour from lacking
    union all
    select distinct feed, last_slot, 1, null::timestamptz, null::bigint from ending
  ), followed as (
    select feed, at, is_ending,
      min(slot) over (partition by feed order by at, is_ending rows between current row and unbounded following) as slot,
      min(hour) over (partition by feed order by at, is_ending rows between current row and unbounded following) as hour
    from event
  ), hours as (
    select feed, hour, min(slot) as first_slot from lacking group by feed, hour
  )
  select ending.feed, ending.last_slot, ending.later, followed.slot as ended
  from ending
  join followed on followed.feed = ending.feed and followed.at = ending.last_slot and followed.is_ending = 1
  join hours on hours.feed = followed.feed and hours.hour = followed.hour + ${GRACE_HOURS - 1}
  where ending.later is null or hours.first_slot < ending.later`;

/** Each run with what differs from the run before, and the number of the version that it belongs to. */
const NUMBERED = ({ columns }: Dimension) => {
  const differing = columns.map(
    (column) =>
      `case when this."${column}" = before."${column}" or (this."${column}" is null and before."${column}" is null)
         then '' else ${literal(`,${column}`)} end`,
  );
  return `
    with compared as (
      select this.id, this.feed, this.first_slot, this.later, this.part, ${list(columns, 'this.')}, gap.ended,
        case when before.id is not null then ${differing.join('\n          || ')} end as differing
      from part this
      left join part before on before.id = this.id and before.place = this.place - 1
      left join gap on gap.feed = this.feed and gap.last_slot = this.last_slot
        and (gap.later = this.later or (gap.later is null and this.later is null))
        and this.part < 2
    ), flagged as (
      select id, feed, first_slot, later, part, ${list(columns)}, ended, differing,
        case
          when differing = '' and lag(ended) over (partition by id order by first_slot) is null then 0
          else 1
        end as begins
      from compared
    )
    select id, feed, first_slot, later, part, ${list(columns)}, ended, differing,
      sum(begins) over (partition by id order by first_slot rows unbounded preceding) as number
    from flagged`;
};

/** The versions that these runs make. */
const MADE = `
  select id, number, min(part) as first_part, max(part) as last_part,
    min(first_slot) as first_slot, max(first_slot) as last_slot
  from numbered group by id, number`;

/**
 * The versions with their content. One that began before the window keeps its beginning, one that goes on behind it its
 * end; between the two, they replace what was there.
 */
const VERSION = ({ history, id, columns }: Dimension) => {
  const known = (name: string, slot: string, condition: string) => `
    ${name} as (
      select known.id, known.number, history.valid_from, history.valid_to, history.feed, history.changed
      from (
        select made.id, made.number, max(version.valid_from) as valid_from
        from made join ${history} version on version.${id} = made.id and version.valid_from <= made.${slot}
        where made.${condition} group by made.id, made.number
      ) known
      join ${history} history on history.${id} = known.id and history.valid_from = known.valid_from
    )`;
  return `
    with ${known('begun', 'first_slot', 'first_part = 0')},${known('following', 'last_slot', 'last_part = 2')}
    select made.id, coalesce(begun.valid_from, made.first_slot) as valid_from,
      case when made.last_part = 2 then following.valid_to else coalesce(final.ended, final.later) end as valid_to,
      case when made.last_part = 2 then following.feed else final.feed end as feed,
      case when made.first_part = 0 then begun.changed else substring(first.differing from 2) end as changed,
      ${list(columns, 'first.')}, begun.valid_from as replaced_from, following.valid_from as replaced_to
    from made
    join numbered first on first.id = made.id and first.first_slot = made.first_slot
    join numbered final on final.id = made.id and final.first_slot = made.last_slot
    left join begun on begun.id = made.id and begun.number = made.number
    left join following on following.id = made.id and following.number = made.number`;
};

const REMOVE = (dimension: Dimension) => {
  const { history, id } = dimension;
  return `
    delete from ${history} using (
      select touched.id, min(version.replaced_from) as since, max(version.replaced_to) as until
      from ${touchedTable(dimension)} touched left join version on version.id = touched.id group by touched.id
    ) span
    where ${history}.${id} = span.id
      and (span.since is null or ${history}.valid_from >= span.since)
      and (span.until is null or ${history}.valid_from <= span.until)`;
};

const WRITE = (dimension: Dimension) => {
  const { history, id, columns } = dimension;
  return `
    insert into ${history} (${id}, valid_from, ${list(columns)}, feed, valid_to, is_current, changed)
    select version.id, version.valid_from, ${contentOf(dimension, 'version')},
      version.feed, version.valid_to, version.valid_to is null, version.changed
    from version`;
};

import type pg from 'pg';
import { PUBLISHED, REBUILT } from '../schemas.js';
import { attempt, runAll } from './attempt.js';
import { type Dependent, POLICY } from './dependents.js';
import { droppedByMigrations } from './migrated.js';
import { eachAttempted } from './recreate.js';
import type { Loss } from './notRecreated.js';

/** An object that other people have attached to a relation, with the statements that recreate it after the exchange. */
export interface Attached {
  kind: string;
  name: string;
  /** Statements that drop the old object, because its name is needed. */
  before: string[];
  statement: string;
  /**
   * Statement that validates a constraint which was added as NOT VALID. It runs after the exchange, because it may take
   * long.
   */
  validation: string | null;
  /** Reason why the object can't be recreated; null if it can be tried. */
  lost: string | null;
  /** Address of the object in the catalog, if it is a {@link Dependent}. */
  key: string | null;
}

const GONE = `case when own.successor is null then 'the rebuilt warehouse has no object of that name' end as lost`;
const ENTIRE = `pg_temp.own join pg_class relation on relation.oid = own.oid and not own.relispartition`;

/**
 * Read the objects that other people have attached to the warehouse's relations: triggers, rules, policies, row
 * security, statistics, publications, replica identities, foreign keys and columns. An object that the rebuilt
 * warehouse has under the same name belongs to the warehouse, and is not returned.
 */
export async function readAttached(client: pg.PoolClient, dependents: Dependent[]): Promise<Attached[]> {
  const found: Attached[] = [];
  for (const statement of ATTACHED) {
    const { rows } = await client.query<Partial<Omit<Attached, 'before'>> & { before?: string[] | null }>(
      `${statement} order by name`,
      statement.includes('$1') ? [droppedByMigrations()] : [],
    );
    for (const row of rows) found.push({ ...NOTHING, ...row, before: row.before ?? [] });
  }
  return [...found, ...dependents.flatMap(ofDependent)];
}

const NOTHING: Attached = {
  kind: '',
  name: '',
  before: [],
  statement: '',
  validation: null,
  lost: null,
  key: null,
};

/** Return the object if it is attached to a table of other people and refers to the warehouse's tables. */
function ofDependent({ key, catalog, kind, name, holder, part, definition }: Dependent): Attached[] {
  if (holder === null || definition === null) return [];
  const base = { ...NOTHING, key, kind, name, statement: definition };
  if (catalog === 'pg_attrdef') return [base];
  if (part === null) return [];
  if (catalog === 'pg_constraint')
    return [
      {
        ...base,
        before: [`alter table ${holder} drop constraint ${part}`],
        statement: notValid(definition),
        validation: `alter table ${holder} validate constraint ${part}`,
      },
    ];
  const word = { pg_policy: 'policy', pg_trigger: 'trigger', pg_rewrite: 'rule' }[catalog];
  return word === undefined ? [] : [{ ...base, before: [`drop ${word} ${part} on ${holder}`] }];
}

function notValid(definition: string): string {
  return definition.endsWith(' NOT VALID') ? definition : `${definition} not valid`;
}

const TRIGGERS = `
  select 'trigger' as kind, format('%I on %s', tgname, own.oid::regclass) as name, null::text[] as before,
    pg_get_triggerdef(pg_trigger.oid) || case tgenabled when 'O' then '' else format('; alter table %s %s trigger %I', own.oid::regclass,
      case tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, tgname) end as statement, ${GONE}
  from ${ENTIRE} join pg_trigger on tgrelid = own.oid and not tgisinternal and tgparentid = 0
  where not exists (select from pg_trigger next where next.tgrelid = own.successor and next.tgname = pg_trigger.tgname)`;

const RULES = `
  select 'rule' as kind, format('%I on %s', rulename, own.oid::regclass) as name, pg_get_ruledef(pg_rewrite.oid) as statement, ${GONE}
  from ${ENTIRE} join pg_rewrite on ev_class = own.oid and rulename <> '_RETURN'
  where not exists (select from pg_rewrite next where next.ev_class = own.successor and next.rulename = pg_rewrite.rulename)`;

/** Row security comes before the policies, because a table with row security and without policies shows no rows. */
const ROW_SECURITY = `
  select 'row security' as kind, own.oid::regclass::text as name,
    format('alter table %s %s row level security, %s row level security', own.oid::regclass,
      case when relation.relrowsecurity then 'enable' else 'disable' end,
      case when relation.relforcerowsecurity then 'force' else 'no force' end) as statement, ${GONE}
  from ${ENTIRE} left join pg_class next on next.oid = own.successor
  where (relation.relrowsecurity or relation.relforcerowsecurity)
    and (next.relrowsecurity, next.relforcerowsecurity) is distinct from (relation.relrowsecurity, relation.relforcerowsecurity)`;

const POLICIES = `
  select 'policy' as kind, format('%I on %s', polname, own.oid::regclass) as name, ${POLICY} as statement, ${GONE}
  from ${ENTIRE} join pg_policy policy on polrelid = own.oid
  where not exists (select from pg_policy next where next.polrelid = own.successor and next.polname = policy.polname)`;

const STATISTICS = `
  select 'statistics' as kind, format('%s.%I', stxnamespace::regnamespace, stxname) as name,
    array[format('drop statistics %s.%I', stxnamespace::regnamespace, stxname)] as before,
    pg_get_statisticsobjdef(pg_statistic_ext.oid) as statement, null as lost
  from ${ENTIRE} join pg_statistic_ext on stxrelid = own.oid
  where own.successor is not null
    and stxnamespace not in (select oid from pg_namespace where nspname in ('${PUBLISHED.ops}', '${PUBLISHED.observation}'))
    and not exists (select from pg_statistic_ext next where next.stxrelid = own.successor and next.stxname = pg_statistic_ext.stxname)
  union all
  select 'statistics', format('%s.%I', stxnamespace::regnamespace, stxname), null, pg_get_statisticsobjdef(pg_statistic_ext.oid), null
  from ${ENTIRE} join pg_statistic_ext on stxrelid = own.oid
  where own.successor is not null
    and stxnamespace in (select oid from pg_namespace where nspname in ('${PUBLISHED.ops}', '${PUBLISHED.observation}'))
    and not exists (select from pg_statistic_ext next where next.stxrelid = own.successor and next.stxname = pg_statistic_ext.stxname)`;

/**
 * Replica identities come before the publications, because a published table without a replica identity can't be
 * updated.
 */
const REPLICA_IDENTITIES = `
  select 'replica identity' as kind, own.oid::regclass::text as name,
    format('alter table %s replica identity %s', own.oid::regclass,
      case relation.relreplident when 'f' then 'full' when 'n' then 'nothing' when 'd' then 'default'
      else 'using index ' || (select quote_ident(relname) from pg_index join pg_class on pg_class.oid = indexrelid
        where indrelid = own.oid and indisreplident) end) as statement, ${GONE}
  from ${ENTIRE} left join pg_class next on next.oid = own.successor
  where relation.relkind in ('r', 'p') and relation.relreplident <> 'd' and next.relreplident is distinct from relation.relreplident`;

const PUBLICATIONS = `
  select 'publication' as kind, format('%I of %s', pubname, own.oid::regclass) as name,
    format('alter publication %I add table %s%s%s', pubname, own.oid::regclass,
      (select ' (' || string_agg(quote_ident(attname), ', ' order by attnum) || ')' from pg_attribute
       where attrelid = own.oid and attnum = any (prattrs::int2[])),
      ' where (' || pg_get_expr(prqual, prrelid) || ')') as statement, ${GONE}
  from ${ENTIRE} join pg_publication_rel on prrelid = own.oid join pg_publication on pg_publication.oid = prpubid
  union all
  select 'publication', format('%I of schema %I', pubname, nspname), format('alter publication %I add tables in schema %I', pubname, nspname), null
  from pg_publication_namespace
  join pg_publication on pg_publication.oid = pnpubid
  join pg_namespace on pg_namespace.oid = pnnspid and nspname in ('${PUBLISHED.ops}', '${PUBLISHED.observation}')`;

const FOREIGN_KEYS = `
  select 'foreign key' as kind, format('%I on %s', conname, own.oid::regclass) as name,
    format('alter table %s add constraint %I %s', own.oid::regclass, conname,
      regexp_replace(pg_get_constraintdef(pg_constraint.oid), ' NOT VALID$', '')) || ' not valid' as statement,
    case when convalidated then format('alter table %s validate constraint %I', own.oid::regclass, conname) end as validation, ${GONE}
  from ${ENTIRE} join pg_constraint on conrelid = own.oid and contype = 'f' and conparentid = 0
  where own.successor is not null and conname <> all ($1::name[])
    and not exists (select from pg_constraint next where next.conrelid = own.successor and next.conname = pg_constraint.conname)`;

const COLUMNS = `
  select 'column' as kind, format('%s.%I', own.oid::regclass, attname) as name,
    format('alter table %s add column %I %s', own.oid::regclass, attname, format_type(atttypid, atttypmod)) as statement,
    'the rebuilt table does not have this column; its values are lost with the replaced table' as lost
  from ${ENTIRE} join pg_attribute on attrelid = own.oid and attnum > 0 and not attisdropped
  where own.successor is not null and relation.relkind in ('r', 'p') and attname <> all ($1::name[])
    and not exists (
      select from pg_attribute next where next.attrelid = own.successor and next.attname = pg_attribute.attname and not next.attisdropped
    )`;

const ATTACHED = [
  COLUMNS,
  TRIGGERS,
  RULES,
  ROW_SECURITY,
  POLICIES,
  STATISTICS,
  REPLICA_IDENTITIES,
  PUBLICATIONS,
  FOREIGN_KEYS,
];

/**
 * Recreate the attached objects. Call after the exchange, when names mean the new tables. Return the objects that were
 * lost.
 */
export async function attach(client: pg.PoolClient, attached: Attached[]): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const { kind, name, before, statement, validation, lost } of attached) {
    const loss = { kind, name, definition: `${statement};`, pending: null };
    const reason = lost ?? (await attempt(client, () => runAll(client, [...before, statement])));
    if (reason !== null) losses.push({ ...loss, reason });
    else if (validation !== null)
      losses.push({
        ...loss,
        definition: `${validation};`,
        reason: 'it was created, but existing rows are not validated yet; Ladepuls validates them later',
        pending: { kind, name, validation },
      });
  }
  return losses;
}

/**
 * Create other people's indexes, unique constraints and checks on the rebuilt tables. Call before the exchange:
 * creating them may take long, and nobody reads these tables yet. Return the objects that could not be created.
 */
export async function indexRebuilt(client: pg.PoolClient): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const kind of ['warehouse', 'ops', 'observation'] as const) {
    await client.query(`set local search_path = ${PUBLISHED[kind]}`);
    const { rows } = await client.query<{ kind: string; name: string; statement: string }>(INDEXES, [
      PUBLISHED[kind],
      droppedByMigrations(),
    ]);
    // With this search path, a table's name means the rebuilt table. A function's name may mean one in the published
    // schema.
    await client.query(`set local search_path = ${REBUILT[kind]}, ${PUBLISHED[kind]}`);
    losses.push(...(await eachAttempted(client, rows)));
    await client.query(`set local search_path = ''`);
  }
  return losses;
}

const INDEXES = `
  select 'index' as kind, format('%I.%I', own.schema, index.relname) as name, pg_get_indexdef(index.oid, 0, true) as statement
  from pg_temp.own
  join pg_index on indrelid = own.oid and indisvalid
  join pg_class index on index.oid = indexrelid
  where own.schema = $1 and own.successor is not null and not own.relispartition and index.relname <> all ($2::name[])
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
    and not exists (
      select from pg_index next join pg_class next_index on next_index.oid = next.indexrelid
      where next.indrelid = own.successor and (next_index.relname = index.relname
        or (next.indisunique = pg_index.indisunique
          and split_part(pg_get_indexdef(next.indexrelid), ' USING ', 2) = split_part(pg_get_indexdef(index.oid), ' USING ', 2)))
    )
  union all
  select 'constraint', format('%I on %I.%I', conname, own.schema, own.name),
    format('alter table %I add constraint %I %s', own.name, conname, pg_get_constraintdef(pg_constraint.oid, true))
  from pg_temp.own
  join pg_constraint on conrelid = own.oid and contype in ('c', 'u', 'x')
  where own.schema = $1 and own.successor is not null and not own.relispartition and conname <> all ($2::name[])
    and not exists (
      select from pg_constraint next
      where next.conrelid = own.successor and (next.conname = pg_constraint.conname
        or pg_get_constraintdef(next.oid) = pg_get_constraintdef(pg_constraint.oid))
    )
  order by kind, name`;

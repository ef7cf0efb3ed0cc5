import type pg from 'pg';
import type { Dependent } from './dependents.js';

/**
 * A view, materialized view or routine of other people that depends on the warehouse, with everything needed to
 * recreate it.
 */
export interface Foreign {
  key: string;
  oid: number;
  kind: 'view' | 'materialized view' | 'routine';
  /** Name of the schema, quoted where necessary. */
  schema: string;
  /** Name without the schema, quoted where necessary. A routine's name includes the types of its arguments. */
  name: string;
  owner: string;
  /** Query of a view, or the whole statement that creates a routine. */
  body: string;
  /** Storage and security options, as in `with (…)`. */
  options: string | null;
  isPopulated: boolean;
  /** Statements that create the indexes; they name the relation without its schema. */
  indexes: string[];
  comment: string | null;
  columns: { name: string; comment: string | null; preset: string | null }[];
  grants: { privilege: string; column: string | null; grantee: string; isGrantable: boolean }[];
  /** Triggers and rules of the view, with the statements that create them. */
  attached: { kind: string; name: string; definition: string }[];
  /** Names with schema of the other foreign objects that this object reads. */
  reads: string[];
  /**
   * Whether an argument or the result has the row type of a relation that will be replaced. Replacing the routine's
   * body is then not enough.
   */
  hasReplacedTypes: boolean;
  /**
   * Whether the object is a materialized view or reads one. Filling a materialized view may take minutes, and so
   * happens after the exchange.
   */
  isAfterwards: boolean;
  /** Whether the current role may recreate the object in its owner's name. */
  isOurs: boolean;
}

/** Return the name of an object with its schema. */
export function qualified({ schema, name }: Pick<Foreign, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

const GRANTS = `select coalesce(jsonb_agg(jsonb_build_object('privilege', privilege_type, 'column', col, 'grantee',
    case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end, 'isGrantable', is_grantable)), '[]')`;

/**
 * Read the views and routines among the dependents. An object comes after the objects that it reads. Call while the
 * search path is empty.
 */
export async function readForeign(client: pg.PoolClient, dependents: Dependent[]): Promise<Foreign[]> {
  const views = dependents.filter(({ catalog, relkind }) => catalog === 'pg_class' && /^[vm]$/.test(relkind));
  const routines = dependents.filter(
    ({ catalog, definition }) => catalog === 'pg_proc' && definition !== null,
  );
  const found = [...(await readViews(client, views)), ...(await readRoutines(client, routines, views))];
  const edges = await readEdges(client, found);
  for (const foreign of found) {
    const read = new Set(edges.filter(({ reader }) => reader === foreign.key).map(({ read }) => read));
    foreign.reads = found.filter(({ key }) => read.has(key)).map(qualified);
  }
  const ordered = sortByReads(found);
  for (const foreign of ordered) {
    foreign.isAfterwards =
      foreign.kind === 'materialized view' ||
      ordered.some((read) => read.isAfterwards && foreign.reads.includes(qualified(read)));
    if (foreign.kind === 'materialized view') foreign.indexes = await readIndexes(client, foreign);
  }
  return ordered;
}

async function readViews(client: pg.PoolClient, views: Dependent[]): Promise<Foreign[]> {
  const { rows } = await client.query<Foreign>(
    `select dependent.key, class.oid::int8::float8 as oid,
       case class.relkind when 'm' then 'materialized view' else 'view' end as kind,
       quote_ident(space.nspname) as schema, quote_ident(class.relname) as name, pg_get_userbyid(class.relowner) as owner,
       rtrim(pg_get_viewdef(class.oid), E'; \\n') as body,
       (select string_agg(format('%I = %L', option_name, option_value), ', ') from pg_options_to_table(class.reloptions)) as options,
       class.relispopulated as "isPopulated", obj_description(class.oid, 'pg_class') as comment,
       (select jsonb_agg(jsonb_build_object('name', quote_ident(attname), 'comment', col_description(class.oid, attnum),
           'preset', pg_get_expr(adbin, adrelid)) order by attnum)
         from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
         where attrelid = class.oid and attnum > 0 and not attisdropped) as columns,
       (${GRANTS} from (
           select acl.*, null::text as col from aclexplode(class.relacl) as acl
           union all
           select acl.*, quote_ident(attname) from pg_attribute cross join lateral aclexplode(attacl) as acl
           where attrelid = class.oid and not attisdropped
         ) as acl where grantee <> class.relowner and (grantee = 0 or grantee in (select oid from pg_roles))) as grants,
       (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'definition', definition)), '[]') from (
           select 'trigger' as kind, format('%I on %s', tgname, tgrelid::regclass) as name, pg_get_triggerdef(oid) as definition
           from pg_trigger where tgrelid = class.oid and not tgisinternal
           union all
           select 'rule', format('%I on %s', rulename, ev_class::regclass), pg_get_ruledef(oid)
           from pg_rewrite where ev_class = class.oid and rulename <> '_RETURN'
         ) as part) as attached,
       '{}'::text[] as indexes, '{}'::text[] as reads, false as "hasReplacedTypes", false as "isAfterwards",
       pg_has_role(class.relowner, 'usage') and has_schema_privilege(space.oid, 'create') as "isOurs"
     from unnest($1::text[], $2::oid[]) as dependent (key, oid)
     join pg_class class on class.oid = dependent.oid
     join pg_namespace space on space.oid = class.relnamespace`,
    [views.map(({ key }) => key), views.map(({ oid }) => oid)],
  );
  return rows;
}

async function readRoutines(
  client: pg.PoolClient,
  routines: Dependent[],
  views: Dependent[],
): Promise<Foreign[]> {
  const { rows } = await client.query<Foreign>(
    `select dependent.key, routine.oid::int8::float8 as oid, 'routine' as kind, quote_ident(space.nspname) as schema,
       substr((pg_identify_object('pg_proc'::regclass, routine.oid, 0)).identity, length(quote_ident(space.nspname)) + 2) as name,
       pg_get_userbyid(routine.proowner) as owner, rtrim(pg_get_functiondef(routine.oid), E'; \\n') as body,
       null as options, false as "isPopulated", obj_description(routine.oid, 'pg_proc') as comment, '[]'::jsonb as columns,
       (${GRANTS} from (
           select acl.*, null::text as col from aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as acl
         ) as acl where grantee <> routine.proowner and (grantee = 0 or grantee in (select oid from pg_roles))) as grants,
       '[]'::jsonb as attached, '{}'::text[] as indexes, '{}'::text[] as reads,
       exists (
         select from pg_depend
         join pg_type type on type.oid = refobjid
         left join pg_type element on element.oid = type.typelem
         where classid = 'pg_proc'::regclass and objid = routine.oid and refclassid = 'pg_type'::regclass
           and coalesce(nullif(type.typrelid, 0), element.typrelid, 0) in (select oid from pg_temp.own union select unnest($3::oid[]))
       ) as "hasReplacedTypes", false as "isAfterwards",
       pg_has_role(routine.proowner, 'usage') and has_schema_privilege(space.oid, 'create') as "isOurs"
     from unnest($1::text[], $2::oid[]) as dependent (key, oid)
     join pg_proc routine on routine.oid = dependent.oid
     join pg_namespace space on space.oid = routine.pronamespace`,
    [routines.map(({ key }) => key), routines.map(({ oid }) => oid), views.map(({ oid }) => oid)],
  );
  return rows;
}

/** Return pairs of objects where the first reads the second, in its body or by the types of its arguments. */
async function readEdges(
  client: pg.PoolClient,
  found: Foreign[],
): Promise<{ reader: string; read: string }[]> {
  const { rows } = await client.query<{ reader: string; read: string }>(
    `with dependency as (
       select case when rewrite.oid is null then classid else 'pg_class'::regclass end as reader_class,
         coalesce(rewrite.ev_class, objid) as reader,
         case when type.oid is null then refclassid else 'pg_class'::regclass end as read_class,
         coalesce(nullif(type.typrelid, 0), element.typrelid, refobjid) as read
       from pg_depend
       left join pg_rewrite rewrite on classid = 'pg_rewrite'::regclass and rewrite.oid = objid
       left join pg_type type on refclassid = 'pg_type'::regclass and type.oid = refobjid
       left join pg_type element on element.oid = type.typelem
     ),
     edge as (
       select format('%s %s 0', reader_class, reader) as reader, format('%s %s 0', read_class, read) as read
       from (select reader_class::oid, reader, read_class::oid, read from dependency) as dependency
     )
     select distinct reader, read from edge
     where reader <> read and reader = any ($1) and read = any ($1)`,
    [found.map(({ key }) => key)],
  );
  return rows;
}

/**
 * Sort the objects so that each comes after the objects that it reads. Two objects that read each other come in any
 * order.
 */
function sortByReads(found: Foreign[]): Foreign[] {
  const ordered = new Set<Foreign>();
  const visit = (foreign: Foreign, below: Set<Foreign>) => {
    if (ordered.has(foreign) || below.has(foreign)) return;
    for (const read of found.filter((other) => foreign.reads.includes(qualified(other))))
      visit(read, new Set([...below, foreign]));
    ordered.add(foreign);
  };
  for (const foreign of found) visit(foreign, new Set());
  return [...ordered];
}

async function readIndexes(client: pg.PoolClient, { oid, schema }: Foreign): Promise<string[]> {
  await client.query(`select set_config('search_path', $1, true)`, [schema]);
  const { rows } = await client.query<{ definition: string }>(
    `select pg_get_indexdef(indexrelid, 0, true) as definition from pg_index where indrelid = $1 order by indexrelid`,
    [oid],
  );
  await client.query(`set local search_path = ''`);
  return rows.map(({ definition }) => definition);
}

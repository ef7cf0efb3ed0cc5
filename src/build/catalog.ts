import type pg from 'pg';

/** A table or view as the database itself describes it. */
export interface Relation {
  schema: string;
  name: string;
  isView: boolean;
  comment: string | null;
  /** In the order of their definition. */
  columns: Column[];
}

export interface Column {
  name: string;
  /** Postgres' short name of the type, such as timestamptz. */
  type: string;
  /** null: a view's, of which Postgres does not know. */
  isNullable: boolean | null;
  isPrimaryKey: boolean;
  /** The table that it refers to. */
  references: string | null;
  comment: string | null;
}

/** The migrations' own bookkeeping, which is no part of the model. */
const BOOKKEEPING = 'public.schema_version';

const RELATIONS = `
  select
    schema.nspname as schema,
    relation.relname as name,
    relation.relkind = 'v' as "isView",
    obj_description(relation.oid, 'pg_class') as comment,
    jsonb_agg(
      jsonb_build_object(
        'name', attribute.attname,
        'type', type.typname,
        'isNullable', case when relation.relkind <> 'v' then not attribute.attnotnull end,
        'isPrimaryKey', exists (
          select from pg_constraint
          where conrelid = relation.oid and contype = 'p' and attribute.attnum = any (conkey)
        ),
        'references', (
          select other.relname from pg_constraint join pg_class as other on other.oid = confrelid
          where conrelid = relation.oid and contype = 'f' and attribute.attnum = any (conkey)
        ),
        'comment', col_description(relation.oid, attribute.attnum)
      ) order by attribute.attnum
    ) as columns
  from pg_class as relation
  join pg_namespace as schema on schema.oid = relation.relnamespace
  join pg_attribute as attribute
    on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
  join pg_type as type on type.oid = attribute.atttypid
  where relation.relkind in ('r', 'p', 'v', 'm')
    and not relation.relispartition
    and schema.nspname = any ($1)
    and relation.oid <> $2::regclass
  group by schema.nspname, relation.oid, relation.relname, relation.relkind
  order by array_position($1, schema.nspname::text), relation.relname`;

/** Reads the tables and views of some schemas: in the order given, then by name. */
export async function readCatalog(pool: pg.Pool, schemas: string[]): Promise<Relation[]> {
  const { rows } = await pool.query<Relation>(RELATIONS, [schemas, BOOKKEEPING]);
  return rows;
}

/** What lacks a comment, as it is written in a statement: `column ops.poll.key`. */
export function uncommented(relations: Relation[]): string[] {
  return relations.flatMap(({ schema, name, isView, comment, columns }) => [
    ...(comment === null ? [`${isView ? 'view' : 'table'} ${schema}.${name}`] : []),
    ...columns
      .filter((column) => column.comment === null)
      .map((column) => `column ${schema}.${name}.${column.name}`),
  ]);
}

import type pg from 'pg';
import type { Relation } from '../relation.js';

/** Table in which the migration tool records migrations. It is not part of the data model. */
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
    and has_table_privilege(relation.oid, 'select')
    and relation.oid <> $2::regclass
  group by schema.nspname, relation.oid, relation.relname, relation.relkind
  order by array_position($1, schema.nspname::text), relation.relname`;

/**
 * Read the tables and views of some schemas that the session's role may read, in the given order of schemas, then by
 * name.
 */
export async function readCatalog(database: pg.Pool | pg.Client, schemas: string[]): Promise<Relation[]> {
  const { rows } = await database.query<Relation>(RELATIONS, [schemas, BOOKKEEPING]);
  return rows;
}

/** Return the tables, views and columns without a comment, as `comment on` names them: `column ops.poll.key`. */
export function uncommented(relations: Relation[]): string[] {
  return relations.flatMap(({ schema, name, isView, comment, columns }) => [
    ...(comment === null ? [`${isView ? 'view' : 'table'} ${schema}.${name}`] : []),
    ...columns
      .filter((column) => column.comment === null)
      .map((column) => `column ${schema}.${name}.${column.name}`),
  ]);
}

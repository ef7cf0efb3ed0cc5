import type pg from 'pg';
import { PUBLISHED, REBUILT } from '../schemas.js';
import { madeByMigrations } from './migrated.js';

/**
 * List the published warehouse's own relations in the temporary table `own`, which exists until the end of the
 * transaction.
 *
 * A relation is the warehouse's own if a migration created it, or if the rebuilt warehouse has a relation of its name
 * (`successor`). Partitions of such a table are the warehouse's own too. All other relations in these schemas belong to
 * other people.
 *
 * From here on, the search path is empty, so that Postgres prints every name with its schema.
 */
export async function listOwn(client: pg.PoolClient): Promise<void> {
  await client.query(`set local search_path = ''`);
  await client.query('drop table if exists pg_temp.own');
  await client.query(
    `create temp table own on commit drop as
     with relation as (
       select class.oid, space.nspname as schema, class.relname as name, class.relkind, class.relispartition,
         next_space.nspname as next_schema, next.oid as successor
       from pg_class class
       join pg_namespace space on space.oid = class.relnamespace
       join unnest($1::name[], $2::name[]) as moves (from_schema, to_schema) on from_schema = space.nspname
       join pg_namespace next_space on next_space.nspname = to_schema
       left join pg_class next on next.relnamespace = next_space.oid and next.relname = class.relname
         and next.relkind in ('r', 'p', 'v', 'm')
       where class.relkind in ('r', 'p', 'v', 'm')
     ),
     entire as (
       select * from relation
       where not relispartition and (successor is not null or schema || '.' || name = any ($3::text[]))
     )
     select * from entire
     union all
     select * from relation where relispartition and pg_partition_root(oid) in (select oid from entire)`,
    [Object.values(PUBLISHED), Object.values(REBUILT), madeByMigrations()],
  );
  await client.query('create index on pg_temp.own (oid)');
  await client.query('analyze pg_temp.own');
}

/** Return the names of the published warehouse's own relations in schema `public`. Call after {@link listOwn}. */
export async function ownPublic(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select name from pg_temp.own where schema = '${PUBLISHED.warehouse}' and not relispartition order by name`,
  );
  return rows.map(({ name }) => name);
}

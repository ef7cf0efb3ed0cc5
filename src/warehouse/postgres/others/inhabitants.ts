import type pg from 'pg';
import { PUBLISHED } from '../schemas.js';
import type { Foreign } from './foreign.js';

/**
 * An object of other people in a schema that is exchanged as a whole. It is moved to the new schema of the same name.
 */
export interface Inhabitant {
  schema: string;
  /** Name with its schema, quoted where necessary. */
  name: string;
  /** Kind of the object, as in `alter … set schema`. */
  kind: string;
  catalog: string;
  oid: number;
  /** Whether the current role may move the object. */
  isOurs: boolean;
}

/** Find other people's tables, sequences, views, routines and types in the schemas `ops` and `observation`. */
export async function findInhabitants(client: pg.PoolClient, foreign: Foreign[]): Promise<Inhabitant[]> {
  const { rows } = await client.query<Inhabitant & { key: string }>(
    `with space as (select oid, nspname from pg_namespace where nspname in ('${PUBLISHED.ops}', '${PUBLISHED.observation}')),
     inhabitant as (
       select space.nspname as schema, 'pg_class' as catalog, class.oid, relowner as owner,
         case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table'
           when 'c' then 'type' else 'table' end as kind
       from pg_class class join space on space.oid = relnamespace
       where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c') and class.oid not in (select oid from pg_temp.own)
         and not exists (
           select from pg_depend where classid = 'pg_class'::regclass and objid = class.oid and refclassid = 'pg_class'::regclass
             and deptype in ('a', 'i') and relkind = 'S'
         )
       union all
       select space.nspname, 'pg_proc', pg_proc.oid, proowner, 'routine' from pg_proc join space on space.oid = pronamespace
       union all
       select space.nspname, 'pg_type', pg_type.oid, typowner, 'type' from pg_type join space on space.oid = typnamespace
       where typtype in ('d', 'e', 'r')
     )
     select schema, catalog, oid::int8::float8 as oid, kind, pg_has_role(owner, 'usage') as "isOurs",
       (pg_identify_object(catalog::regclass, oid, 0)).identity as name, format('%s %s 0', catalog::regclass::oid, oid) as key
     from inhabitant
     where not exists (select from pg_depend where classid = catalog::regclass and objid = inhabitant.oid and deptype = 'e')
     order by catalog, oid`,
  );
  const made = new Set(foreign.map(({ key }) => key));
  return rows.filter(({ key }) => !made.has(key));
}

/** Move the objects from the replaced schemas to the new ones. Call after the exchange. */
export async function moveInhabitants(client: pg.PoolClient, inhabitants: Inhabitant[]): Promise<void> {
  for (const { catalog, oid, kind, schema } of inhabitants) {
    const { rows } = await client.query<{ name: string }>(
      'select (pg_identify_object($1::regclass, $2::int8::oid, 0)).identity as name',
      [catalog, oid],
    );
    if (rows[0]) await client.query(`alter ${kind} ${rows[0].name} set schema ${schema}`);
  }
}

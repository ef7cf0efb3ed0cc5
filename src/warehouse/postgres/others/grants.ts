import type pg from 'pg';
import { READER } from '../readers.js';
import { PUBLISHED, REBUILT } from '../schemas.js';
import { eachAttempted } from './recreate.js';
import type { Loss } from './notRecreated.js';

/** A statement that grants or revokes a privilege on the rebuilt warehouse; null if the object does not exist there. */
interface Grant {
  name: string;
  statement: string | null;
  definition: string;
}

/**
 * Copy the privileges on the published warehouse to the rebuilt warehouse: on relations and columns of the same name,
 * on schemas, and default privileges. A new relation gets the default privileges of its schema. Privileges that were
 * revoked from readers are revoked here too.
 *
 * @returns privileges that could not be granted, also those whose relation or column no longer exists
 */
export async function giveGrants(client: pg.PoolClient): Promise<Loss[]> {
  const grants: Grant[] = [];
  for (const statement of [RELATIONS, REVOKED, NEW_RELATIONS, SCHEMAS, DEFAULTS]) {
    const { rows } = await client.query<Grant>(statement, statement === REVOKED ? [READER] : []);
    grants.push(...rows);
  }
  const losses = await eachAttempted(
    client,
    grants.flatMap(({ name, statement }) => (statement === null ? [] : [{ kind: 'grant', name, statement }])),
  );
  const gone = grants
    .filter(({ statement }) => statement === null)
    .map(({ name, definition }) => ({
      kind: 'grant',
      name,
      reason: 'the rebuilt warehouse has no object of that name',
      definition: `${definition};`,
      pending: null,
    }));
  return [...losses, ...gone];
}

const GRANTEE = `case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end`;
const IS_THERE = `(grantee = 0 or grantee in (select oid from pg_roles))`;
const OPTION = `case when is_grantable then ' with grant option' else '' end`;

/** Query for privileges on relations and columns that the relation of the same name in the rebuilt warehouse lacks. */
const RELATIONS = `
  with relation as (
    select own.oid, own.successor, own.oid::regclass::text as name, own.successor::regclass::text as next,
      old.relowner as owner, old.relacl as acl, new.relacl as new_acl
    from pg_temp.own
    join pg_class old on old.oid = own.oid
    left join pg_class new on new.oid = own.successor
    where not own.relispartition
  ),
  entry as (
    select relation.*, null::name as attribute, null::int2 as number, grantee, privilege_type, is_grantable
    from relation cross join lateral aclexplode(acl)
    union all
    select relation.*, attname, next_number, grantee, privilege_type, is_grantable
    from relation
    join pg_attribute on attrelid = relation.oid and attacl is not null and not attisdropped
    left join lateral (
      select attnum as next_number from pg_attribute next
      where next.attrelid = relation.successor and next.attname = pg_attribute.attname and not next.attisdropped
    ) as next on true
    cross join lateral aclexplode(attacl)
  )
  select name || coalesce('.' || quote_ident(attribute), '') as name,
    case when successor is not null and (attribute is null or number is not null)
      then format('grant %s%s on %s to %s%s', privilege_type, ' (' || quote_ident(attribute) || ')', next, ${GRANTEE}, ${OPTION}) end as statement,
    format('grant %s%s on %s to %s%s', privilege_type, ' (' || quote_ident(attribute) || ')', name, ${GRANTEE}, ${OPTION}) as definition
  from entry
  where grantee <> owner and ${IS_THERE}
    and not exists (
      select from aclexplode(case when attribute is null then new_acl else (
        select attacl from pg_attribute where attrelid = successor and attnum = number) end) as has
      where has.grantee = entry.grantee and has.privilege_type = entry.privilege_type
        and has.is_grantable >= entry.is_grantable
    )
    and not (successor is null and grantee = (select oid from pg_roles where rolname = '${READER}') and privilege_type = 'SELECT')
  order by 1, 2`;

/** Query for relations that readers can no longer read, although they can read others. */
const REVOKED = `
  with reader as (select oid from pg_roles where rolname = $1),
  relation as (
    select own.oid::regclass::text as name, own.successor,
      exists (select from aclexplode(relacl), reader where grantee = reader.oid and privilege_type = 'SELECT') as is_read
    from pg_temp.own join pg_class on pg_class.oid = own.oid
    where not own.relispartition
  )
  select name, format('revoke select on %s from %I', successor::regclass, $1) as statement, '' as definition
  from relation
  where successor is not null and not is_read and exists (select from relation where is_read)`;

/** Query for default privileges on relations that the published warehouse lacks. */
const NEW_RELATIONS = `
  select new.oid::regclass::text as name,
    format('grant %s on %s to %s%s', privilege_type, new.oid::regclass, ${GRANTEE}, ${OPTION}) as statement, '' as definition
  from pg_class new
  join pg_namespace space on space.oid = new.relnamespace
  join unnest(array['${PUBLISHED.warehouse}', '${PUBLISHED.ops}', '${PUBLISHED.observation}'],
    array['${REBUILT.warehouse}', '${REBUILT.ops}', '${REBUILT.observation}']) as moves (from_schema, to_schema) on to_schema = space.nspname
  join pg_default_acl preset on preset.defaclnamespace = from_schema::regnamespace and preset.defaclobjtype = 'r'
    and preset.defaclrole = new.relowner
  cross join lateral aclexplode(defaclacl)
  where new.relkind in ('r', 'p', 'v', 'm') and not new.relispartition and new.oid not in (select successor from pg_temp.own where successor is not null)
    and grantee <> new.relowner and ${IS_THERE}
  order by 1, 2`;

/** Query for privileges on the schemas that are exchanged as a whole. */
const SCHEMAS = `
  select from_schema as name,
    format('grant %s on schema %I to %s%s', privilege_type, to_schema, ${GRANTEE}, ${OPTION}) as statement, '' as definition
  from unnest(array['${PUBLISHED.ops}', '${PUBLISHED.observation}'], array['${REBUILT.ops}', '${REBUILT.observation}']) as moves (from_schema, to_schema)
  join pg_namespace old on old.nspname = from_schema
  join pg_namespace new on new.nspname = to_schema
  cross join lateral aclexplode(old.nspacl) as entry
  where grantee <> old.nspowner and ${IS_THERE}
    and not exists (
      select from aclexplode(new.nspacl) as has
      where has.grantee = entry.grantee and has.privilege_type = entry.privilege_type and has.is_grantable >= entry.is_grantable
    )
  order by 1, 2`;

/** Query for default privileges in the schemas that are exchanged as a whole. */
const DEFAULTS = `
  select from_schema as name,
    format('alter default privileges for role %s in schema %I grant %s on %s to %s%s', quote_ident(pg_get_userbyid(old.defaclrole)),
      to_schema, privilege_type,
      case old.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' else 'types' end,
      ${GRANTEE}, ${OPTION}) as statement, '' as definition
  from unnest(array['${PUBLISHED.ops}', '${PUBLISHED.observation}'], array['${REBUILT.ops}', '${REBUILT.observation}']) as moves (from_schema, to_schema)
  join pg_default_acl old on old.defaclnamespace = from_schema::regnamespace
  left join pg_default_acl new on new.defaclnamespace = to_schema::regnamespace and new.defaclrole = old.defaclrole
    and new.defaclobjtype = old.defaclobjtype
  cross join lateral aclexplode(old.defaclacl) as entry
  where ${IS_THERE}
    and not exists (
      select from aclexplode(new.defaclacl) as has
      where has.grantee = entry.grantee and has.privilege_type = entry.privilege_type and has.is_grantable >= entry.is_grantable
    )
  order by 1, 2`;

import type pg from 'pg';

/** An object of other people that Postgres would drop together with the warehouse's tables. */
export interface Dependent {
  /** Address in the catalog: `class oid, object oid, column`. */
  key: string;
  /** Catalog of the object, such as `pg_class`. */
  catalog: string;
  /** `relkind` of a relation; empty for other objects. */
  relkind: string;
  oid: number;
  /** Number of the column; 0 for a whole object. */
  column: number;
  /** Kind of the object, such as `view` or `table column`. */
  kind: string;
  /** Name with its schema, quoted where necessary. */
  name: string;
  /** Statement that creates the object; null for kinds for which Postgres prints no statement. */
  definition: string | null;
  /**
   * Relation that a policy, constraint, trigger, rule or default belongs to. `part` is the object's name within that
   * relation.
   */
  holder: string | null;
  part: string | null;
  /** Whether the current role may change the object, or the relation that it belongs to. */
  isOurs: boolean;
}

/** Expression for the statement that creates a policy; expects `pg_policy as policy`. */
export const POLICY = `format('create policy %I on %s as %s for %s to %s%s%s', policy.polname, policy.polrelid::regclass,
  case when policy.polpermissive then 'permissive' else 'restrictive' end,
  case policy.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
  (select string_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ')
   from unnest(policy.polroles) as role),
  ' using (' || pg_get_expr(policy.polqual, policy.polrelid) || ')',
  ' with check (' || pg_get_expr(policy.polwithcheck, policy.polrelid) || ')')`;

/**
 * Return the objects that depend on some relations, directly or through other objects, and are not part of them. Parts
 * of a dependent, such as a view's columns, are not returned.
 *
 * @param start query for the `oid` of each relation
 * @param inside schemas whose objects are left out
 */
export async function findDependents(
  client: pg.PoolClient,
  start: string,
  inside: string[] = [],
): Promise<Dependent[]> {
  const { rows } = await client.query<Dependent>(
    `with recursive start as (${start}),
     gone (classid, objid, objsubid) as (
       select 'pg_class'::regclass::oid, oid, 0 from start
       union
       select next.* from gone cross join lateral (
         select classid, objid, objsubid from pg_depend
         where refclassid = gone.classid and refobjid = gone.objid
           and (gone.objsubid = 0 or refobjsubid = gone.objsubid)
         union all
         -- What is internal to an object goes with all of it: a view's rule with the view.
         select refclassid, refobjid, refobjsubid from pg_depend
         where classid = gone.classid and objid = gone.objid and objsubid = gone.objsubid and deptype = 'i'
       ) as next
     ),
     outside as (
       select gone.* from gone
       where not (classid = 'pg_class'::regclass and objid in (select oid from start))
         and not exists (
           select from pg_depend part
           join gone as owner on owner.classid = part.refclassid and owner.objid = part.refobjid
             and owner.objsubid in (0, part.refobjsubid)
           where part.classid = gone.classid and part.objid = gone.objid and part.objsubid = gone.objsubid
             and part.deptype in ('a', 'i', 'P', 'S')
         )
         and not exists (
           select from pg_depend
           join pg_namespace on pg_namespace.oid = refobjid and nspname = any ($1::name[])
           where classid = gone.classid and objid = gone.objid and refclassid = 'pg_namespace'::regclass
         )
     )
     select format('%s %s %s', outside.classid, objid, objsubid) as key,
       (select relname from pg_class where oid = outside.classid) as catalog,
       coalesce(relation.relkind::text, '') as relkind, objid::int8::float8 as oid, objsubid as column,
       (pg_identify_object(outside.classid, objid, objsubid)).type as kind,
       (pg_identify_object(outside.classid, objid, objsubid)).identity as name,
       case
         when relation.relkind in ('v', 'm') then pg_get_viewdef(objid)
         when outside.classid = 'pg_proc'::regclass and routine.prokind <> 'a' then pg_get_functiondef(objid)
         when outside.classid = 'pg_trigger'::regclass then pg_get_triggerdef(objid)
         when outside.classid = 'pg_rewrite'::regclass then pg_get_ruledef(objid)
         when outside.classid = 'pg_policy'::regclass then ${POLICY}
         when outside.classid = 'pg_constraint'::regclass and rule.conrelid <> 0
           then format('alter table %s add constraint %I %s', rule.conrelid::regclass, rule.conname, pg_get_constraintdef(objid))
         when outside.classid = 'pg_attrdef'::regclass
           then format('alter table %s alter column %I set default %s', preset.adrelid::regclass,
             (select attname from pg_attribute where attrelid = preset.adrelid and attnum = preset.adnum),
             pg_get_expr(preset.adbin, preset.adrelid))
       end as definition,
       holder.oid::regclass::text as holder,
       quote_ident(coalesce(policy.polname, rule.conname, trigger.tgname, rewrite.rulename)) as part,
       coalesce(pg_has_role(coalesce(relation.relowner, routine.proowner, holder.relowner), 'usage'), false) as "isOurs"
     from outside
     left join pg_class relation on outside.classid = 'pg_class'::regclass and relation.oid = objid
     left join pg_proc routine on outside.classid = 'pg_proc'::regclass and routine.oid = objid
     left join pg_policy policy on outside.classid = 'pg_policy'::regclass and policy.oid = objid
     left join pg_constraint rule on outside.classid = 'pg_constraint'::regclass and rule.oid = objid
     left join pg_attrdef preset on outside.classid = 'pg_attrdef'::regclass and preset.oid = objid
     left join pg_trigger trigger on outside.classid = 'pg_trigger'::regclass and trigger.oid = objid
     left join pg_rewrite rewrite on outside.classid = 'pg_rewrite'::regclass and rewrite.oid = objid
     left join pg_class holder on holder.oid = coalesce(policy.polrelid, rule.conrelid, preset.adrelid, trigger.tgrelid, rewrite.ev_class)
     where not (outside.classid = 'pg_class'::regclass and objsubid > 0 and relation.relkind in ('v', 'm'))
       and not (outside.classid = 'pg_rewrite'::regclass and rewrite.rulename = '_RETURN')
     order by kind, name`,
    [inside],
  );
  return rows;
}

-- A station's number becomes bigint. A source without numbers gets a hash of 53 bits: 31 bits collide within one country.
-- Postgres changes the type of no column that a view reads. So the views that read such a table, themselves or through another
-- view, are dropped and made again as they were: definition, options, comments, privileges and owner.

do $$
declare
  search_path_before text := current_setting('search_path');
  reading record;
  widened record;
  drops text[] := '{}';
  makes text[] := '{}';
  statement text;
begin
  -- Definitions then name the schema of everything that they read.
  perform set_config('search_path', '', true);

  for reading in
    with recursive narrow as (
      select class.oid
      from pg_attribute as attribute
      join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p')
      where attribute.attname = 'id_cs' and attribute.atttypid = 'int4'::regtype and not attribute.attisdropped
        and class.relnamespace in ('public'::regnamespace, 'ops'::regnamespace)
    ), reads as (
      select distinct rewrite.ev_class as reader, depend.refobjid as source
      from pg_depend as depend
      join pg_rewrite as rewrite on rewrite.oid = depend.objid and rewrite.ev_class <> depend.refobjid
      where depend.classid = 'pg_rewrite'::regclass and depend.refclassid = 'pg_class'::regclass
    ), reached as (
      select reads.reader, 1 as depth from reads join narrow on narrow.oid = reads.source
      union
      select reads.reader, reached.depth + 1 from reads join reached on reached.reader = reads.source
    ), ordered as (
      select reader, max(depth) as depth from reached group by reader
    )
    select
      class.oid,
      format('%I.%I', space.nspname, class.relname) as name,
      class.relkind = 'v' and space.nspname in ('public', 'ops') as is_own,
      class.relowner as owner,
      class.relacl as privileges,
      class.reloptions as options
    from ordered
    join pg_class as class on class.oid = ordered.reader
    join pg_namespace as space on space.oid = class.relnamespace
    order by ordered.depth desc, name
  loop
    if not reading.is_own then
      raise exception 'The view % reads tables whose column id_cs changes its type. Keep its definition (psql: \d+ %), drop the view, start again, and make the view again.',
        reading.name, reading.name;
    end if;
    drops := drops || format('drop view %s', reading.name);
    -- From the last view to the first: a view is made after what it reads.
    makes := array[format('create view %s%s as %s', reading.name,
        ' with (' || array_to_string(reading.options, ', ') || ')', pg_get_viewdef(reading.oid))]
      || array(
        select format('comment on view %s is %L', reading.name, comment)
        from obj_description(reading.oid, 'pg_class') as comment where comment is not null
      )
      || array(
        select format('comment on column %s.%I is %L', reading.name, attname, col_description(attrelid, attnum))
        from pg_attribute
        where attrelid = reading.oid and attnum > 0 and col_description(attrelid, attnum) is not null
      )
      -- What a new view gets by default, this one may have lost.
      || array(
        select distinct format('revoke all on %s from %s', reading.name,
          case given.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(given.grantee)) end)
        from pg_default_acl cross join aclexplode(defaclacl) as given
        where defaclobjtype = 'r' and given.grantee <> reading.owner
      )
      || array(
        select format('grant %s%s on %s to %s%s', given.privilege_type, of_column.list, reading.name,
          case given.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(given.grantee)) end,
          case when given.is_grantable then ' with grant option' end)
        from (
          select reading.privileges as privileges, '' as list
          union all
          select attacl, format(' (%I)', attname) from pg_attribute where attrelid = reading.oid and attnum > 0
        ) as of_column
        cross join aclexplode(of_column.privileges) as given
        where given.grantee <> reading.owner
      )
      || array(
        select format('alter view %s owner to %I', reading.name, rolname)
        from pg_roles where oid = reading.owner and rolname <> current_user
      )
      || makes;
  end loop;

  foreach statement in array drops loop
    execute statement;
  end loop;

  for widened in
    select format('%I.%I', space.nspname, class.relname) as name
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p') and not class.relispartition
    join pg_namespace as space on space.oid = class.relnamespace
    where attribute.attname = 'id_cs' and attribute.atttypid = 'int4'::regtype and not attribute.attisdropped
      and space.nspname in ('public', 'ops')
    order by name
  loop
    execute format('alter table %s alter column id_cs type bigint', widened.name);
  end loop;

  foreach statement in array makes loop
    execute statement;
  end loop;
  perform set_config('search_path', search_path_before, true);
end
$$;

comment on column public.charging_station.id_cs is 'Key: the source''s number of the station; a negative hash of 53 bits where the source has no numbers.';

-- Set limits of readers that only a superuser can set, and that no reader can lift. They are set at each start of the
-- local Postgres, and on another server if the warehouse's owner is a superuser.
do $$
declare
  database_owner regrole := (select datdba from pg_database where datname = current_database());
  function_signature regprocedure;
  reader name;
begin
  -- Some functions store data or hold locks without a table. Large objects use disk space, and advisory locks use the
  -- lock table that all sessions share. Only the database's owner may call these functions.
  for function_signature in
    select oid from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace
      and (proname ~ '^lo_(creat|create|from_bytea)$' or proname ~ '^pg_(try_)?advisory_')
      and has_function_privilege('public', oid, 'execute')
    order by oid
  loop
    execute format('grant execute on function %s to %s', function_signature, database_owner);
    execute format('revoke execute on function %s from public', function_signature);
  end loop;
  -- A sort on disk, such as that of a cross join, must not fill the disk of the raw store. Accounts that are members of
  -- the readers' role do not inherit the limit, so that each account gets it. A limit that somebody has set stays.
  for reader in
    with recursive member (id) as (
      select oid from pg_roles where rolname = 'ladepuls_reader'
      union select held.member from pg_auth_members as held join member on member.id = held.roleid
    )
    select role.rolname from member join pg_roles as role on role.oid = member.id
    where not role.rolsuper and not pg_has_role(role.oid, database_owner, 'member')
      and not exists (
        select from pg_db_role_setting as own, unnest(own.setconfig) as setting
        where own.setrole = role.oid and own.setdatabase = 0 and setting like 'temp\_file\_limit=%'
      )
    order by 1
  loop
    execute format('alter role %I set temp_file_limit = ''5GB''', reader);
  end loop;
end
$$;

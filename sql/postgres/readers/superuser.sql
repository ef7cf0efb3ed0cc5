-- Limits of readers that only a superuser can set, and that no reader can lift. The embedded Postgres sets them at every
-- start, others where the warehouse's owner is a superuser.
do $$
declare
  database_owner regrole := (select datdba from pg_database where datname = current_database());
  function_signature regprocedure;
begin
  -- Some functions store data or hold locks without a table: large objects take disk, and advisory locks take the lock
  -- table that everybody shares. Only the database's owner may call them.
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
  -- A sort on disk, as of a join that multiplies all with all, shall not fill the disk that raw is on.
  if exists (select from pg_roles where rolname = 'ladepuls_reader')
    and not exists (
      select from pg_db_role_setting
      where setrole = 'ladepuls_reader'::regrole and setdatabase = 0 and 'temp_file_limit=5GB' = any (setconfig)
    )
  then
    alter role ladepuls_reader set temp_file_limit = '5GB';
  end if;
end
$$;

-- Who is connected may call some functions of Postgres that store data or hold locks without a table: large objects take
-- disk, and advisory locks take the lock table that everybody shares. From now on only the database's owner may. Only a
-- superuser can decide this: the embedded Postgres does at every start, others where the warehouse's owner is one.
do $$
declare
  database_owner regrole := (select datdba from pg_database where datname = current_database());
  function_signature regprocedure;
begin
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
end
$$;

-- Facts: every day's partition has an index of its own, which is built when its first facts are in it. Building it at
-- once, on all processors, takes a fraction of what it takes to keep it while tens of millions of rows are inserted; an
-- index on the whole table would be made with each partition.

do $$
declare
  fact record;
  part regclass;
begin
  for fact in
    select *
    from (values ('charging_point', 'id_chargingpoint'), ('connector', 'id_connector')) as facts (name, id)
  loop
    execute format('drop index observation.%I', fact.name || '_' || fact.id || '_idx');
    for part in
      select inhrelid from pg_inherits where inhparent = format('observation.%I', fact.name)::regclass
    loop
      execute format('create index on %s (%I)', part, fact.id);
    end loop;
  end loop;
end
$$;

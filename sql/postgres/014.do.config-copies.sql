-- People's own tables are copied to the raw store, from where they come back in a new warehouse.

do $$
begin
  if to_regclass('config.raw_copy') is null then
    create table config.raw_copy (
      table_name varchar collate "C" not null,
      collector varchar collate "C" not null,
      sha256 varchar not null,
      copied_at timestamptz not null,
      primary key (table_name, collector)
    );
    comment on table config.raw_copy is 'The last copy of each table of schema config in a raw store: made of the table, or restored to it. Ladepuls writes it; people need not.';
    comment on column config.raw_copy.table_name is 'The table, such as operator_spelling.';
    comment on column config.raw_copy.collector is 'The raw store: the id in its collector.json.';
    comment on column config.raw_copy.sha256 is 'SHA-256 of the copy. A table of another content was edited since.';
    comment on column config.raw_copy.copied_at is 'When it was copied or restored.';
  end if;
end
$$;

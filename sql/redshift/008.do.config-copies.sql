-- People's own tables are copied to the raw store, from where they come back in a new warehouse. Columns and meanings are
-- those of sql/postgres, of which docs/data-model.md tells.

create table config.raw_copy (
  table_name varchar(64) not null encode raw,
  collector varchar(64) not null encode zstd,
  sha256 varchar(64) not null encode zstd,
  copied_at timestamptz not null encode az64
)
diststyle all
sortkey (table_name);

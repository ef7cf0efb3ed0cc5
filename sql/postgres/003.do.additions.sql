-- Days that are loaded while they are under way: how far.

alter table ops.day_revision add column loaded_until timestamptz;

comment on column ops.day_revision.loaded_until is 'The slots before this one are in it, for the day was under way; null: all slots that were in the raw store.';

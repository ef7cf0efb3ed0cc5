-- Why a poll is not complete, as on Postgres. Absence of an entity is concluded from complete polls only.

alter table ops.poll add column unidentified int default 0 encode az64 not null;

alter table ops.poll add column fault varchar(32) encode zstd;

alter table ops.poll add column incomplete varchar(32) encode zstd;

-- In days that an earlier version loaded, any quarantined record may be one without a readable id.
update ops.poll set
  unidentified = quarantined,
  incomplete = case
    when complete then null
    when charging_points = 0 then 'empty'
    when quarantined > 0 then 'unreadable_ids'
    else 'shrunk'
  end;

-- Redshift replaces a view only by one with the same columns.
drop view public.coverage;

create view public.coverage as
select
  coverage.day,
  coverage.feed,
  coverage.expected,
  coverage.stored,
  coverage.failed,
  coverage.missed,
  case when coverage.expected > 0 then round(100.0 * coverage.stored / coverage.expected, 1) end as stored_percent,
  coalesce(unfit.polls, 0)::int as incomplete,
  unfit.reasons as incomplete_reasons
from ops.coverage as coverage
left join (
  select
    day,
    feed,
    count(*) as polls,
    listagg(distinct incomplete, ', ') within group (order by incomplete) as reasons
  from ops.poll
  where incomplete is not null
  group by day, feed
) as unfit on unfit.day = coverage.day and unfit.feed = coverage.feed
with no schema binding;

create view public.incomplete_poll as
select
  day,
  feed,
  slot,
  incomplete as reason,
  stations,
  charging_points,
  unidentified
from ops.poll
where incomplete is not null
with no schema binding;

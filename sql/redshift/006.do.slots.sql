-- What became of every slot, whatever the reader's time zone is: DATEADD and DATEDIFF know no timestamptz, and would go by
-- local time, in which an hour may be missing or come twice.

create or replace view public.slot_outcome as
select
  day,
  feed,
  slot,
  'stored'::varchar(32) as outcome,
  null::varchar(128) as reason
from ops.poll
union all
select
  gap.day,
  gap.feed,
  dateadd(
    second,
    (
      (extract(epoch from gap.last_slot) - extract(epoch from gap.first_slot))::int
      / greatest(gap.slots - 1, 1) * step.step
    ),
    gap.first_slot at time zone 'UTC'
  ) at time zone 'UTC' as slot,
  gap.outcome,
  gap.reason
from ops.coverage_gap as gap
join ladepuls.step as step on step.step < gap.slots
union all
select
  quarantine.day,
  quarantine.feed,
  quarantine.first_slot,
  'unreadable'::varchar(32),
  min(quarantine.reason)
from ops.quarantine as quarantine
left join ops.poll as poll
  on
    poll.day = quarantine.day
    and poll.feed = quarantine.feed
    and poll.slot = quarantine.first_slot
where quarantine.entity = 'poll' and poll.slot is null
group by quarantine.day, quarantine.feed, quarantine.first_slot
with no schema binding;

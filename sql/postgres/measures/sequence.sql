-- Put the spans of each entity in order. Each has the span before it, the beginning of the span after it, and the slot
-- of a retirement in the gap after it. A span begins a version if the entity's content differs from that of the span
-- before, or if the entity was retired before. moved.sql decides about coordinates.
--
-- Redshift has a file of its own, because it has no composite values and no LATERAL.
create temp table sequence on commit drop as
with linked as (
  select
    id,
    phase,
    span,
    row_number() over in_order as place,
    lag(span) over in_order as earlier,
    lead((span).first_slot) over in_order as later
  from phased
  window in_order as (partition by id order by (span).first_slot)
), followed as (
  select
    linked.*,
    gap.ended
  from linked
  left join lateral (
    -- The limit covers :grace_hours hours, because a feed has at most one poll per minute.
    select
      case
        when count(distinct date_trunc('hour', slot at time zone 'UTC')) >= :grace_hours then min(slot)
      end as ended
    from (
      select slot
      from poll
      where poll.feed = (span).feed and slot > (span).last_slot and (later is null or slot < later) and complete
      order by slot
      limit :grace_hours * 60
    ) as absence
  ) as gap on phase < 2
)
select
  *,
  earlier is null
  or lag(ended) over in_order is not null
  or ((span).:fixed) is distinct from ((earlier).:fixed) as begins,
  :earlier_longitude as anchor_longitude,
  :earlier_latitude as anchor_latitude
from followed
window in_order as (partition by id order by place);

drop table phased;

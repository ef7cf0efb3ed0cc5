-- Compute the minutes of each hour in which a charging point and its parking sensor had the same pair of statuses.
--
-- Few charging points have a parking sensor. Their facts are derived again from the status spans in staging, because
-- finding them among all facts is slower. If an addition begins within an hour, staging has only the later part of that
-- hour. Therefore the addition reads the published facts of the day.
--
-- Redshift has a file of its own, because it stores facts as rows.
delete from parking_hour where day = :day and hour >= :hours_start;

insert into parking_hour (day, hour, id_cp, status, status_parkingsensor, minutes)
with held as (
  select
    feed,
    since,
    lead(since, 1, 'infinity') over (partition by feed order by since) as until,
    interval_minutes
  from feed_interval
  where day = :day
), fact as (
  select
    status_span.id_chargingpoint as id_cp,
    status_span.feed,
    poll.slot,
    status_span.status_cp,
    status_span.status_parkingsensor
  from new_charging_point_status_span as status_span
  cross join lateral (
    select slot
    from new_poll
    where
      feed = status_span.feed and slot between status_span.first_slot and status_span.last_slot
    order by slot
  ) as poll
  where
    not :begins_within_hour
    and status_span.id_chargingpoint in (
      select id_chargingpoint
      from new_charging_point_status_span
      where status_parkingsensor is not null
    )
  union all
  select
    published.id_chargingpoint,
    span.feed,
    published.slot,
    published.status_cp,
    published.status_parkingsensor
  from status_chargingpoints as published
  join charging_point_content_span as span
    on
      span.day = :day
      and span.id_cp = published.id_chargingpoint
      and span.first_slot <= published.slot
      and span.last_slot >= published.slot
  where
    :begins_within_hour
    and published.day = :day
    and published.id_chargingpoint in (
      select sensed.id_chargingpoint
      from status_chargingpoints as sensed
      where sensed.day = :day and sensed.status_parkingsensor is not null
    )
), observed as (
  select
    fact.*,
    lead(slot) over (partition by id_cp order by slot) as next_slot
  from fact
  where slot >= :hours_start
)
select
  :day::date,
  date_trunc('hour', observed.slot, 'UTC'),
  observed.id_cp,
  observed.status_cp,
  observed.status_parkingsensor,
  sum(
    least(
      held.interval_minutes,
      coalesce(extract(epoch from observed.next_slot - observed.slot) / 60, held.interval_minutes)
    )
  )
from observed
join held on held.feed = observed.feed and held.since <= observed.slot and held.until > observed.slot
where
  observed.status_parkingsensor is not null
  and observed.slot < least(:hours_end, date_trunc('hour', now(), 'UTC'))
group by 2, 3, 4, 5;

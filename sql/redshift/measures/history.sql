-- Derive the history (slowly changing dimension, type 2) of the touched entities of one dimension, from the content
-- spans of all loaded days.
--
-- The file for Postgres defines a version. Here, joins and windows replace look-ups by index. Each step is one pass
-- over the rows of the touched entities; the rows of an entity are on one slice.

-- Also touch the entities that have content spans of other days from :from to :to, and the entities whose absence the
-- changed polls may show.
create temp table neighbour distkey (id) as
select :id as id
from :spans
where last_slot >= :from and first_slot < :to
union
select before.id
from (
  select
    :id as id,
    feed,
    row_number() over (partition by :id order by last_slot desc) as place
  from :spans
  where last_slot < :from
) as before
join touched_feed on touched_feed.feed = before.feed
where before.place = 1;

insert into :touched (id)
select neighbour.id
from neighbour
left join :touched as touched on touched.id = neighbour.id
where touched.id is null;

drop table neighbour;

-- Spans of each touched entity in order: the last one before the window (phase 0), those within (1), and the first one
-- after (2).
create temp table phased distkey (id) as
with placed as (
  select
    span.:id as id,
    span.feed,
    span.first_slot,
    span.last_slot,
    span.:columns,
    case when span.last_slot < :from then 0 when span.first_slot < :to then 1 else 2 end as phase
  from :spans as span
  join :touched as touched on touched.id = span.:id
), counted as (
  select
    id,
    feed,
    first_slot,
    last_slot,
    :columns,
    phase,
    row_number() over (partition by id, phase order by last_slot) as from_first,
    row_number() over (partition by id, phase order by last_slot desc) as from_last
  from placed
)
select
  id,
  feed,
  first_slot,
  last_slot,
  :columns,
  phase,
  row_number() over (partition by id order by first_slot) as place,
  lead(first_slot) over (partition by id order by first_slot) as later
from counted
where phase = 1 or (phase = 0 and from_last = 1) or (phase = 2 and from_first = 1);

-- Complete polls of the feeds of these spans. Each has the number of its clock hour, counting only hours with such a
-- poll.
create temp table lacking distkey (feed) as
select
  poll.feed,
  poll.slot,
  dense_rank() over (partition by poll.feed order by date_trunc('hour', poll.slot)) as hour
from poll
join (
  select
    feed,
    min(last_slot) as since
  from phased
  where phase < 2
  group by feed
) as seen on seen.feed = poll.feed
where poll.complete and poll.slot > seen.since;

-- Gaps after spans that ended with a retirement: the first complete poll after the span. The :grace_hours hours with
-- complete polls from that poll on must begin before the entity is seen again. Many spans end in the same slots.
create temp table gap distkey (feed) as
with ending as (
  select distinct
    feed,
    last_slot,
    later
  from phased
  where phase < 2
), event as (
  select
    feed,
    slot as at,
    0 as is_ending,
    slot,
    hour
  from lacking
  union all
  select distinct
    feed,
    last_slot,
    1,
    null::timestamptz,
    null::bigint
  from ending
), followed as (
  select
    feed,
    at,
    is_ending,
    min(slot) over (
      partition by feed order by at, is_ending rows between current row and unbounded following
    ) as slot,
    min(hour) over (
      partition by feed order by at, is_ending rows between current row and unbounded following
    ) as hour
  from event
), hours as (
  select
    feed,
    hour,
    min(slot) as first_slot
  from lacking
  group by feed, hour
)
select
  ending.feed,
  ending.last_slot,
  ending.later,
  followed.slot as ended
from ending
join followed on followed.feed = ending.feed and followed.at = ending.last_slot and followed.is_ending = 1
join hours on hours.feed = followed.feed and hours.hour = followed.hour + :grace_hours - 1
where ending.later is null or hours.first_slot < ending.later;

-- Each span with the columns that differ from the span before, and the number of its version.
create temp table numbered distkey (id) as
with compared as (
  select
    this.id,
    this.feed,
    this.first_slot,
    this.later,
    this.phase,
    this.:columns,
    gap.ended,
    case when before.id is not null then :differing end as differing
  from phased as this
  left join phased as before on before.id = this.id and before.place = this.place - 1
  left join gap
    on
      gap.feed = this.feed
      and gap.last_slot = this.last_slot
      and (gap.later = this.later or (gap.later is null and this.later is null))
      and this.phase < 2
), flagged as (
  select
    id,
    feed,
    first_slot,
    later,
    phase,
    :columns,
    ended,
    differing,
    case
      when differing = '' and lag(ended) over (partition by id order by first_slot) is null then 0
      else 1
    end as begins
  from compared
)
select
  id,
  feed,
  first_slot,
  later,
  phase,
  :columns,
  ended,
  differing,
  sum(begins) over (partition by id order by first_slot rows unbounded preceding) as number
from flagged;

-- Versions of these spans.
create temp table made distkey (id) as
select
  id,
  number,
  min(phase) as first_phase,
  max(phase) as last_phase,
  min(first_slot) as first_slot,
  max(first_slot) as last_slot
from numbered
group by id, number;

-- Versions with their content. A version that began before the window keeps its beginning. A version that continues
-- after the window keeps its end. The versions between them are replaced.
create temp table version distkey (id) as
with begun as (
  select
    known.id,
    known.number,
    history.valid_from,
    history.changed
  from (
    select
      made.id,
      made.number,
      max(version.valid_from) as valid_from
    from made
    join :history as version on version.:id = made.id and version.valid_from <= made.first_slot
    where made.first_phase = 0
    group by made.id, made.number
  ) as known
  join :history as history on history.:id = known.id and history.valid_from = known.valid_from
), following as (
  select
    known.id,
    known.number,
    history.valid_from,
    history.valid_to,
    history.feed
  from (
    select
      made.id,
      made.number,
      max(version.valid_from) as valid_from
    from made
    join :history as version on version.:id = made.id and version.valid_from <= made.last_slot
    where made.last_phase = 2
    group by made.id, made.number
  ) as known
  join :history as history on history.:id = known.id and history.valid_from = known.valid_from
)
select
  made.id,
  coalesce(begun.valid_from, made.first_slot) as valid_from,
  case when made.last_phase = 2 then following.valid_to else coalesce(final.ended, final.later) end as valid_to,
  case when made.last_phase = 2 then following.feed else final.feed end as feed,
  case when made.first_phase = 0 then begun.changed else substring(first.differing from 2) end as changed,
  first.:columns,
  begun.valid_from as replaced_from,
  following.valid_from as replaced_to
from made
join numbered as first on first.id = made.id and first.first_slot = made.first_slot
join numbered as final on final.id = made.id and final.first_slot = made.last_slot
left join begun on begun.id = made.id and begun.number = made.number
left join following on following.id = made.id and following.number = made.number;

delete from :history using (
  select
    touched.id,
    min(version.replaced_from) as since,
    max(version.replaced_to) as until
  from :touched as touched
  left join version on version.id = touched.id
  group by touched.id
) as replaced
where
  :history.:id = replaced.id
  and (replaced.since is null or :history.valid_from >= replaced.since)
  and (replaced.until is null or :history.valid_from <= replaced.until);

insert into :history (:id, valid_from, :columns, feed, valid_to, is_current, changed)
select
  version.id,
  version.valid_from,
  :content,
  version.feed,
  version.valid_to,
  version.valid_to is null,
  version.changed
from version;

drop table phased;
drop table lacking;
drop table gap;
drop table numbered;
drop table made;
drop table version;

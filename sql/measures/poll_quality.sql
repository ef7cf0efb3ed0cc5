-- Apply the rules about incomplete polls to the days whose polls were judged, and replace their results. The other rules
-- read the day in staging. Which polls are complete depends on other days too.
delete from quality where day between :first_day and :last_day and rule in (:rules);

delete from quality_finding where day between :first_day and :last_day and rule in (:rules);

insert into quality (day, rule, feed, checked, failed)
select
  poll.day,
  about.rule,
  poll.feed,
  count(*),
  sum(case when poll.incomplete = about.incomplete then 1 else 0 end)
from poll
cross join (:incomplete_by_rule) as about
where poll.day between :first_day and :last_day
group by poll.day, about.rule, poll.feed;

insert into quality_finding (day, rule, feed, id, value, failed)
select
  poll.day,
  about.rule,
  poll.feed,
  poll.feed,
  cast(count(*) as varchar(32)) || ' polls with ' || cast(min(poll.charging_points) as varchar(32)) || ' to '
  || cast(max(poll.charging_points) as varchar(32)) || ' charging points',
  count(*)
from poll
join (:incomplete_by_rule) as about on about.incomplete = poll.incomplete
where poll.day between :first_day and :last_day
group by poll.day, about.rule, poll.feed;

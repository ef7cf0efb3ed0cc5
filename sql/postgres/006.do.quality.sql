-- Quality: what is expected of a day's data, and how much of it is as expected.

create table ops.quality_rule (
  rule varchar collate "C" primary key,
  meaning varchar not null,
  subject varchar not null,
  severity varchar not null check (severity in ('severe', 'warning', 'notice')),
  threshold float8 not null,
  rank int not null
);

comment on table ops.quality_rule is 'Rules of quality, as the program that published last has them: an edit is overwritten.';
comment on column ops.quality_rule.rule is 'Name of the rule.';
comment on column ops.quality_rule.meaning is 'What is right, in one sentence.';
comment on column ops.quality_rule.subject is 'What is examined one by one: charging_station, charging_point, connector or feed.';
comment on column ops.quality_rule.severity is 'severe, warning or notice.';
comment on column ops.quality_rule.threshold is 'The rule fails where more than this share is wrong, 0 to 1.';
comment on column ops.quality_rule.rank is 'Order in which people read them.';

create table ops.quality (
  day date not null,
  rule varchar collate "C" not null,
  feed varchar collate "C" not null,
  checked bigint not null,
  failed bigint not null,
  primary key (day, rule, feed),
  check (failed between 0 and checked)
);

comment on table ops.quality is 'What each rule of quality found in each feed and day.';
comment on column ops.quality.day is 'The local day.';
comment on column ops.quality.rule is 'Name of the rule.';
comment on column ops.quality.feed is 'The feed.';
comment on column ops.quality.checked is 'How much was examined.';
comment on column ops.quality.failed is 'How much of it is wrong.';

create table ops.quality_finding (
  day date not null,
  rule varchar collate "C" not null,
  feed varchar collate "C" not null,
  id varchar collate "C" not null,
  value varchar,
  failed bigint not null check (failed > 0),
  primary key (day, rule, feed, id)
);

comment on table ops.quality_finding is 'What the rules of quality found wrong, one by one.';
comment on column ops.quality_finding.day is 'The local day.';
comment on column ops.quality_finding.rule is 'Name of the rule.';
comment on column ops.quality_finding.feed is 'The feed.';
comment on column ops.quality_finding.id is 'Which station, charging point, connector or feed: as the rule''s subject says.';
comment on column ops.quality_finding.value is 'What is wrong with it.';
comment on column ops.quality_finding.failed is 'How often it is wrong in the day.';

create view public.quality as
select
  quality.day,
  quality.rule,
  rule.severity,
  rule.meaning,
  rule.subject,
  rule.threshold,
  sum(quality.checked)::bigint as checked,
  sum(quality.failed)::bigint as failed,
  (sum(quality.failed) / nullif(sum(quality.checked), 0))::float8 as failed_share,
  sum(quality.failed) <= rule.threshold * sum(quality.checked) as passes
from ops.quality as quality
join ops.quality_rule as rule using (rule)
group by quality.day, quality.rule, rule.severity, rule.meaning, rule.subject, rule.threshold;

comment on view public.quality is 'Measure: how much of a day''s data is as each rule of quality expects it.';
comment on column public.quality.day is 'The local day.';
comment on column public.quality.rule is 'Name of the rule.';
comment on column public.quality.severity is 'severe, warning or notice.';
comment on column public.quality.meaning is 'What is right, in one sentence.';
comment on column public.quality.subject is 'What is examined one by one: charging_station, charging_point, connector or feed.';
comment on column public.quality.threshold is 'The rule fails where more than this share is wrong, 0 to 1.';
comment on column public.quality.checked is 'How much was examined.';
comment on column public.quality.failed is 'How much of it is wrong.';
comment on column public.quality.failed_share is 'failed / checked.';
comment on column public.quality.passes is 'Whether no more than the threshold is wrong.';

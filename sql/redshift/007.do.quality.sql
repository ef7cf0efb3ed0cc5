-- Quality on Redshift: what is expected of a day's data, and how much of it is as expected. Columns and meanings are those of
-- sql/postgres, of which docs/data-model.md tells.
--
-- DISTKEY and SORTKEY: findings are distributed by what is wrong, so that what is wrong with one on several days is added up
-- where it is, and a feed in which much is wrong is on all slices; sums by feed, as all that is counted by feed. Both are
-- sorted by day, as a load replaces them and reports ask for them. Rules are few: every node has a copy.

create table ops.quality_rule (
  rule varchar(64) not null encode raw,
  meaning varchar(1024) not null encode zstd,
  subject varchar(32) not null encode zstd,
  severity varchar(32) not null encode zstd,
  threshold float8 not null encode zstd,
  rank int not null encode az64
)
diststyle all
sortkey (rule);

create table ops.quality (
  day date not null encode raw,
  rule varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  checked bigint not null encode az64,
  failed bigint not null encode az64
)
distkey (feed)
compound sortkey (day, rule, feed);

-- A rule puts `value` together of several texts, of which each may be as long as a text can be.

create table ops.quality_finding (
  day date not null encode raw,
  rule varchar(64) not null encode zstd,
  feed varchar(64) not null encode zstd,
  id varchar(512) not null encode zstd,
  value varchar(4096) encode zstd,
  failed bigint not null encode az64
)
distkey (id)
compound sortkey (day, rule, feed);

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
  sum(quality.failed)::float8 / nullif(sum(quality.checked)::float8, 0) as failed_share,
  sum(quality.failed)::float8 <= rule.threshold * sum(quality.checked)::float8 as passes
from ops.quality as quality
join ops.quality_rule as rule on rule.rule = quality.rule
group by quality.day, quality.rule, rule.severity, rule.meaning, rule.subject, rule.threshold
with no schema binding;

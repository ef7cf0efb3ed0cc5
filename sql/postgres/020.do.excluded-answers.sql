-- Answers that a correction in the raw store excludes from cleaning are counted on their own. Days that were loaded before have none.

alter table ops.ledger add column excluded int not null default 0;

alter table ops.ledger drop constraint ledger_check;
alter table ops.ledger add constraint ledger_bodies_check check (bodies = parsed + unreadable + surplus + excluded);

comment on column ops.ledger.bodies is 'Accepted answers in the raw store; equals parsed + unreadable + surplus + excluded.';
comment on column ops.ledger.excluded is 'Answers that a correction excludes from cleaning ("ladepuls raw exclude"). They are not read.';
comment on column ops.coverage.failed is 'Slots with only rejected or excluded answers.';
comment on column public.coverage.failed is 'Slots with only rejected or excluded answers.';
comment on column ops.coverage_gap.outcome is 'failed: there are only rejected or excluded answers. missed: there is no answer.';
comment on column public.coverage_gap.outcome is 'failed: there are only rejected or excluded answers. missed: there is no answer.';
comment on column public.current_feed.outcome is 'Outcome of this slot. stored: there is an accepted answer. failed: there are only rejected or excluded answers. missed: there is no answer.';
comment on column public.slot_outcome.outcome is 'stored: the answer was loaded. unreadable: the answer is stored, but could not be read. failed: there are only rejected or excluded answers. missed: there is no answer.';

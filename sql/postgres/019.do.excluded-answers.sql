-- Answers that a correction in the raw store excludes from cleaning are counted on their own. Days that were loaded before have none.

alter table ops.ledger add column excluded int not null default 0;

alter table ops.ledger drop constraint ledger_check;
alter table ops.ledger add constraint ledger_bodies_check check (bodies = parsed + unreadable + surplus + excluded);

comment on column ops.ledger.bodies is 'Accepted answers in the raw store; equals parsed + unreadable + surplus + excluded.';
comment on column ops.ledger.excluded is 'Answers that a correction excludes from cleaning ("ladepuls raw exclude"). They are not read.';

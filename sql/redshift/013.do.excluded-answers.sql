-- Answers that a correction in the raw store excludes from cleaning are counted on their own. Days that were loaded before have none.

alter table ops.ledger add column excluded int default 0 encode az64 not null;

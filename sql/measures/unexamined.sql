-- What an earlier examination of the load has found.
delete from new_quality;

delete from new_quality_finding;

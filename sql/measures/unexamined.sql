-- Delete the results of an earlier application of the quality rules to this load.
delete from new_quality;

delete from new_quality_finding;

-- Delete the dimension rows of touched entities without a content span on any loaded day.
delete from :dimension using :touched as touched
where :id = touched.id and not exists (select from :spans as span where span.:id = touched.id);

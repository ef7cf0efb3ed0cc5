-- Delete the dimension rows of touched entities that no loaded day has.
delete from :dimension using :touched as touched
where :id = touched.id and not exists (select from :spans as span where span.:id = touched.id);

-- The dimension's rows that no day holds any more.
delete from :dimension using :touched as touched
where :id = touched.id and not exists (select from :spans as span where span.:id = touched.id);

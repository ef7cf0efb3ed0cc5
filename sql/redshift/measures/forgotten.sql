-- The rows that no day holds any more are gone with the touched ones (dimension.sql), and these are known no longer.
drop table :touched;

-- If an attempt was cut off, its index costs every write and serves no read: psql runs what this selects.
select 'drop index concurrently pevensie.:index'
from pg_catalog.pg_index
where indexrelid = pg_catalog.to_regclass('pevensie.:index') and not indisvalid \gexec

-- Who holds the lock of sql/ledger/lock.sql in this database. Without privileges the time stays empty.
select l.pid, a.usename as role, a.application_name as application,
  pg_catalog.to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
from pg_catalog.pg_locks l
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
  and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  and ((l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8) = 4016478255630675573

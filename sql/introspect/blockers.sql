-- Whom a session of this database waits for, first things first. Without privileges state, time and query stay empty; a
-- prepared transaction has no session.
select b.pid, a.usename as role, a.application_name as application, a.state,
  pg_catalog.to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since,
  nullif(pg_catalog."left"(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 200), '<insufficient privilege>') as query
from pg_catalog.unnest(pg_catalog.pg_blocking_pids(:pid)) with ordinality as b (pid, nth)
left join pg_catalog.pg_stat_activity a on a.pid = b.pid
order by b.nth

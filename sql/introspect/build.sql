-- How far the index is that another session of this process builds or drops online. Behind a pooler its name is all that is
-- known of that session.
select a.pid as builder, p.phase,
  case when p.phase like 'waiting%' then p.lockers_done
    when p.phase like '%tuples%' then p.tuples_done else p.blocks_done end as done,
  case when p.phase like 'waiting%' then p.lockers_total
    when p.phase like '%tuples%' then p.tuples_total else p.blocks_total end as total
from pg_catalog.pg_stat_activity a
left join pg_catalog.pg_stat_progress_create_index p on p.pid = a.pid
where a.datname = pg_catalog.current_database() and a.state = 'active' and a.pid <> pg_catalog.pg_backend_pid()
  and a.application_name = pg_catalog.current_setting('application_name') and a.query like '%index concurrently%'
limit 1

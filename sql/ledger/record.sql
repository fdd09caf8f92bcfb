-- A migration begins when its transaction does, or when the one before it in the same transaction is done.
insert into pevensie.migration_log
  (module, version, action, checksum, started_at, finished_at, role, application, tool)
values (
  :'module', :'version', :'action', :'checksum',
  least(
    greatest(pg_catalog.now(), (select pg_catalog.max(finished_at) from pevensie.migration_log)),
    pg_catalog.clock_timestamp()
  ),
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), :'tool'
);

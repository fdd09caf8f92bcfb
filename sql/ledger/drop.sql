-- Takes the ledger away once no module is recorded any more, and the schema once it is empty.
do $$
begin
  if exists (select from pevensie.module_version) then
    return;
  end if;
  -- In the order in which readers lock them, so that there is no deadlock.
  drop table pevensie.module_version;
  drop table pevensie.migration_log;
  drop type pevensie.module;
  -- Somebody else's objects stay, and with them the schema; so does one that this role could not make again.
  if exists (
    select from pg_catalog.pg_namespace n
    where n.nspname = 'pevensie' and pg_catalog.pg_has_role(n.nspowner, 'USAGE')
      and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
      and not exists (
        select from pg_catalog.pg_depend d
        where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = n.oid
      )
  ) then
    drop schema pevensie;
  end if;
end
$$;

-- Takes the ledger away once no module is recorded any more, and the schema once it is empty.
do $$
begin
  if exists (select from pevensie.module_version) then
    return;
  end if;
  drop table pevensie.migration_log;
  drop table pevensie.module_version;
  drop type pevensie.module;
  -- Somebody else's schema, and somebody else's objects in it, stay.
  if exists (
    select from pg_catalog.pg_namespace n
    where n.nspname = 'pevensie' and pg_catalog.pg_has_role(n.nspowner, 'USAGE')
      and not exists (
        select from pg_catalog.pg_depend d
        where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = n.oid
      )
  ) then
    drop schema pevensie;
  end if;
end
$$;

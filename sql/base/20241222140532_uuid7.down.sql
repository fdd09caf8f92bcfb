-- The other modules are built on this one; without their records nobody could remove them any more.
do $$
begin
  if exists (select from pevensie.module_version where module::pg_catalog.text <> 'base') then
    raise exception 'module base is needed by the modules that are still installed: %',
      (select pg_catalog.string_agg(module::pg_catalog.text, ', ' order by module)
       from pevensie.module_version where module::pg_catalog.text <> 'base')
      using errcode = 'dependent_objects_still_exist', hint = 'roll these back first';
  end if;
end
$$;

drop function pevensie.uuid7();

drop function pevensie.uuid7(pg_catalog.timestamptz);

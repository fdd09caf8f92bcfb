-- Another tool runs this: makes sure that no other migrator does, and that the module is where these statements start from.
do $$
declare
  found pg_catalog.text;
begin
  if not pg_catalog.pg_try_advisory_xact_lock(4016478255630675573) then
    raise exception 'another migrator is at work on this database'
      using errcode = 'lock_not_available', hint = 'run this again when it is done';
  end if;
  if pg_catalog.to_regclass('pevensie.module_version') is not null then
    found := (
      select case when version = pg_catalog.date_trunc('second', version) and pg_catalog.isfinite(version)
        then pg_catalog.to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS') else version::pg_catalog.text end
      from pevensie.module_version where module::pg_catalog.text = :'module'
    );
  end if;
  if found is distinct from :start::pg_catalog.text then
    raise exception 'module % is at %, but these statements start from %',
      :'module', coalesce(found, 'nothing'), coalesce(:start::pg_catalog.text, 'nothing')
      using errcode = 'object_not_in_prerequisite_state', hint = 'see: pevensie-pg status';
  end if;
end
$$;

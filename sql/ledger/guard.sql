-- Takes the migration lock and makes sure that the database is where this script starts from.
do $$
declare
  namespace pg_catalog.oid := (select oid from pg_catalog.pg_namespace where nspname = 'pevensie');
  found pg_catalog.jsonb := '{}';
  differs pg_catalog.record;
begin
  if pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 150000 then
    raise exception 'PostgreSQL % is too old: Pevensie needs 15 or newer', pg_catalog.current_setting('server_version')
      using errcode = 'feature_not_supported';
  end if;
  if not pg_catalog.pg_try_advisory_xact_lock(4016478255630675573) then
    raise exception 'another migrator is at work on this database'
      using errcode = 'lock_not_available', hint = 'run this script again when it is done';
  end if;
  if exists (select from pg_catalog.pg_class where relnamespace = namespace and relname = 'module_version') then
    execute $sql$
      select coalesce(pg_catalog.jsonb_object_agg(
        module::pg_catalog.text, case when version = pg_catalog.date_trunc('second', version) and pg_catalog.isfinite(version)
          then pg_catalog.to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS') else version::pg_catalog.text end), '{}')
      from pevensie.module_version
    $sql$ into found;
  end if;
  for differs in
    select s.module, s.version as expected, found ->> s.module as actual
    from (values :start) as s (module, version)
    where s.version is distinct from found ->> s.module
  loop
    raise exception 'module % is at %, but this script starts from %',
      differs.module, coalesce(differs.actual, 'nothing'), coalesce(differs.expected, 'nothing')
      using errcode = 'object_not_in_prerequisite_state',
        hint = 'pevensie-pg migrate prints the statements that this database needs';
  end loop;
end
$$;

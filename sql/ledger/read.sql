-- Reads the ledger, whatever there is of it, into the setting pevensie_pg.ledger as JSON: a table that may not exist can
-- only be named in dynamic SQL, and without an error the server's log stays clean. Of the log it takes the last record of
-- each migration, or every record where pevensie_pg.log says so. Needs no privilege: what may not be read is said to be
-- unreadable.
do $$
declare
  namespace pg_catalog.oid := (select oid from pg_catalog.pg_namespace where nspname = 'pevensie');
  version_table pg_catalog.oid := (
    select oid from pg_catalog.pg_class where relnamespace = namespace and relname = 'module_version');
  log_table pg_catalog.oid := (
    select oid from pg_catalog.pg_class
    where relnamespace = namespace and relname = 'migration_log' and relkind = 'r');
  columns pg_catalog.text[] := array(
    select attname::pg_catalog.text from pg_catalog.pg_attribute
    where attrelid = version_table and attnum > 0 and not attisdropped);
  versions pg_catalog.jsonb := '[]';
  log pg_catalog.jsonb := '[]';
  shape pg_catalog.text;
begin
  if version_table is null then
    shape := case when log_table is null then 'absent' else 'broken' end;
  elsif (select relkind <> 'r' from pg_catalog.pg_class where oid = version_table)
    or not columns @> array['module', 'version'] then
    shape := 'broken';
  elsif not pg_catalog.has_schema_privilege(namespace, 'USAGE')
    or not pg_catalog.has_table_privilege(version_table, 'SELECT')
    or not coalesce(pg_catalog.has_table_privilege(log_table, 'SELECT'), true) then
    shape := 'unreadable';
  else
    shape := case when log_table is not null and 'checksum' = any (columns) then 'current' else 'legacy' end;
    execute $sql$
      select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'module', m.module::pg_catalog.text,
        'version', coalesce(pg_catalog.to_char(m.version at time zone 'UTC', 'YYYYMMDDHH24MISS'), m.version::pg_catalog.text),
        'checksum', pg_catalog.to_jsonb(m) -> 'checksum'
      ) order by m.module), '[]')
      from pevensie.module_version m
    $sql$ into versions;
  end if;
  if shape = 'current' then
    execute $sql$
      select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'module', l.module::pg_catalog.text,
        'version', coalesce(pg_catalog.to_char(l.version at time zone 'UTC', 'YYYYMMDDHH24MISS'), l.version::pg_catalog.text),
        'action', l.action, 'checksum', l.checksum,
        'started_at', pg_catalog.to_char(l.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'finished_at', pg_catalog.to_char(l.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'role', l.role, 'application', l.application, 'tool', l.tool
      ) order by l.id), '[]')
      from pevensie.migration_log l
      where pg_catalog.current_setting('pevensie_pg.log', true) = 'whole'
        or l.id in (select pg_catalog.max(id) from pevensie.migration_log group by module, version)
    $sql$ into log;
  end if;
  perform pg_catalog.set_config('pevensie_pg.ledger',
    pg_catalog.jsonb_build_object('shape', shape, 'versions', versions, 'log', log)::pg_catalog.text, true);
end
$$;
select pg_catalog.current_setting('pevensie_pg.ledger') as ledger;

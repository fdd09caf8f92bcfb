-- Reads the ledger, whatever there is of it, into the setting pevensie_pg.ledger as JSON: a table that may not exist can
-- only be named in dynamic SQL, and without an error the server's log stays clean. Of the log it takes the last record of
-- each migration, or every record where pevensie_pg.log says so. Needs no privilege: what may not be read is said to be
-- unreadable. A version that is no whole second is given as it is, so that nobody takes it for another one.
do $$
declare
  namespace pg_catalog.oid := (select oid from pg_catalog.pg_namespace where nspname = 'pevensie');
  version_table pg_catalog.oid := (
    select oid from pg_catalog.pg_class where relnamespace = namespace and relname = 'module_version');
  log_table pg_catalog.oid := (
    select oid from pg_catalog.pg_class where relnamespace = namespace and relname = 'migration_log');
  version_columns pg_catalog.text[];
  log_columns pg_catalog.text[];
  shape pg_catalog.text;
  broken pg_catalog.text;
  versions pg_catalog.jsonb := '[]';
  log pg_catalog.jsonb := '[]';
begin
  -- Only the columns of plain tables count.
  select
    pg_catalog.array_agg(a.attname::pg_catalog.text) filter (where c.oid = version_table),
    pg_catalog.array_agg(a.attname::pg_catalog.text) filter (where c.oid = log_table)
  into version_columns, log_columns
  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
  where c.oid in (version_table, log_table) and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped;

  if version_table is null and log_table is null then
    shape := 'absent';
  elsif version_table is not null and not coalesce(version_columns @> array['module', 'version'], false) then
    shape := 'broken';
    broken := 'module_version';
  elsif log_table is null and 'checksum' = any (version_columns)
    or log_table is not null and not coalesce(log_columns @> array['id', 'module', 'version', 'action', 'checksum',
      'started_at', 'finished_at', 'role', 'application', 'tool'], false) then
    shape := 'broken';
    broken := 'migration_log';
  elsif log_table is not null and version_table is null then
    shape := 'broken';
    broken := 'module_version';
  elsif log_table is not null and not 'checksum' = any (version_columns) then
    shape := 'broken';
    broken := 'module_version, without its column checksum,';
  elsif not pg_catalog.has_schema_privilege(namespace, 'USAGE')
    or not pg_catalog.has_table_privilege(version_table, 'SELECT')
    or not coalesce(pg_catalog.has_table_privilege(log_table, 'SELECT'), true) then
    shape := 'unreadable';
  else
    shape := case when log_table is null then 'legacy' else 'current' end;
    execute $sql$
      select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'module', m.module::pg_catalog.text,
        'version', case when m.version = pg_catalog.date_trunc('second', m.version) and pg_catalog.isfinite(m.version)
          then pg_catalog.to_char(m.version at time zone 'UTC', 'YYYYMMDDHH24MISS') else m.version::pg_catalog.text end,
        'checksum', pg_catalog.to_jsonb(m) -> 'checksum'
      ) order by m.module), '[]')
      from pevensie.module_version m
    $sql$ into versions;
  end if;
  if shape = 'current' then
    execute $sql$
      select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'module', l.module::pg_catalog.text,
        'version', case when l.version = pg_catalog.date_trunc('second', l.version) and pg_catalog.isfinite(l.version)
          then pg_catalog.to_char(l.version at time zone 'UTC', 'YYYYMMDDHH24MISS') else l.version::pg_catalog.text end,
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
  perform pg_catalog.set_config('pevensie_pg.ledger', pg_catalog.jsonb_build_object(
    'shape', shape, 'broken', broken, 'versions', versions, 'log', log)::pg_catalog.text, true);
end
$$;
select pg_catalog.current_setting('pevensie_pg.ledger') as ledger;

-- Reads the ledger, whatever there is of it. Sent in a transaction, it answers a row with its shape and the OIDs of the tables
-- that it is read from, then the rows of module_version as (module, at, checksum), then those of migration_log, oldest
-- first: the last record of each migration at least, or every record where pevensie_pg.log says so.
-- * Times are in UTC if server.sql went before.
-- * Needs no privilege: what may not be read is said to be unreadable.
-- * A table that may not exist can only be named in dynamic SQL, and without an error the server's log stays clean.
-- * The tables are those of this moment, even where the transaction began before it, but their rows are not.
do $$
declare
  namespace pg_catalog.oid := pg_catalog.to_regnamespace('pevensie');
  versions pg_catalog.refcursor := 'pevensie_pg_versions';
  log pg_catalog.refcursor := 'pevensie_pg_log';
  shape pg_catalog.text;
  broken pg_catalog.text;
begin
  -- The usual case, in the fewest questions. A view, which may run anything, has no file.
  if pg_catalog.has_schema_privilege(namespace, 'USAGE')
    and pg_catalog.pg_relation_filenode(pg_catalog.to_regclass('pevensie.module_version')) is not null
    and pg_catalog.pg_relation_filenode(pg_catalog.to_regclass('pevensie.migration_log')) is not null then
    begin
      open versions for execute $sql$
        select module::pg_catalog.text, version as at, checksum from pevensie.module_version
      $sql$;
      -- To find out which are the last ones costs more than to send so few.
      if pg_catalog.current_setting('pevensie_pg.log', true) = 'whole'
        or pg_catalog.pg_relation_size('pevensie.migration_log') <= 65536 then
        open log for execute $sql$
          select id, module::pg_catalog.text, version, action, checksum, started_at, finished_at, role, application, tool
          from pevensie.migration_log
          order by id
        $sql$;
      else
        open log for execute $sql$
          select id, module::pg_catalog.text, version, action, checksum, started_at, finished_at, role, application, tool
          from pevensie.migration_log
          where id in (select pg_catalog.max(id) from pevensie.migration_log group by module, version)
          order by id
        $sql$;
      end if;
      shape := 'current';
    exception
      when undefined_function then -- a column has a type that has no order
        shape := 'broken';
        broken := 'migration_log';
      when undefined_column or wrong_object_type or insufficient_privilege then null;
    end;
  end if;

  if shape is null then
    shape := 'absent';
    if namespace is not null then
      execute $sql$
        with ledger as (
          select c.relname, c.oid, array( -- only the columns of plain tables count
            select a.attname::pg_catalog.text from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped) as columns
          from pg_catalog.pg_class c
          where c.relnamespace = $1 and c.relname in ('module_version', 'migration_log')
        ),
        diagnosis as (
          select v.oid as version_table, l.oid as log_table, case
            when not v.columns @> '{module,version}' then 'module_version'
            when l.oid is null and 'checksum' = any (v.columns)
              or not l.columns @> '{id,module,version,action,checksum,started_at,finished_at,role,application,tool}'
              then 'migration_log'
            when v.oid is null and l.oid is not null then 'module_version'
            when l.oid is not null and not 'checksum' = any (v.columns) then 'module_version, without its column checksum,'
            end as broken
          from (select) as one
          left join ledger v on v.relname = 'module_version'
          left join ledger l on l.relname = 'migration_log'
        )
        select broken, case
          when broken is not null then 'broken'
          when version_table is null then 'absent'
          when not pg_catalog.has_schema_privilege($1, 'USAGE')
            or not pg_catalog.has_table_privilege(version_table, 'SELECT')
            or not coalesce(pg_catalog.has_table_privilege(log_table, 'SELECT'), true) then 'unreadable'
          when log_table is null then 'legacy'
          else 'changing' end
        from diagnosis
      $sql$ into broken, shape using namespace;
    end if;
  end if;
  if shape <> 'current' then
    if shape = 'legacy' then
      open versions for execute $sql$
        select module::pg_catalog.text, version as at, null as checksum from pevensie.module_version
      $sql$;
    else
      open versions for select where false;
    end if;
    open log for select where false;
  end if;
  perform
    pg_catalog.set_config('pevensie_pg.shape', shape, true),
    pg_catalog.set_config('pevensie_pg.broken', coalesce(broken, ''), true),
    pg_catalog.set_config('pevensie_pg.ledger_oids', case
      when shape = 'current' then pg_catalog.concat_ws(',', pg_catalog.to_regclass('pevensie.module_version')::pg_catalog.oid,
        pg_catalog.to_regclass('pevensie.migration_log')::pg_catalog.oid)
      when shape = 'legacy' then pg_catalog.to_regclass('pevensie.module_version')::pg_catalog.oid::pg_catalog.text
      else '' end, true);
end
$$;
select
  pg_catalog.current_setting('pevensie_pg.shape') as shape,
  pg_catalog.current_setting('pevensie_pg.broken') as broken,
  pg_catalog.current_setting('pevensie_pg.ledger_oids') as ledger_oids;
fetch all from pevensie_pg_versions;
fetch all from pevensie_pg_log;
close pevensie_pg_versions;
close pevensie_pg_log;

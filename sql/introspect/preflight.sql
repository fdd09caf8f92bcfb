-- Everything that decides beforehand whether a run can succeed, as one JSON document. Needs only CONNECT.
with ns as (
  select oid, nspowner from pg_catalog.pg_namespace where nspname = 'pevensie'
),
object as (
  select 'relation' as kind, c.relname as name, c.relowner as owner
  from ns, pg_catalog.pg_class c
  where c.relnamespace = ns.oid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I')
  union all
  select 'type', t.typname, t.typowner
  from ns, pg_catalog.pg_type t
  where t.typnamespace = ns.oid
    and (t.typtype in ('e', 'd', 'r', 'b') and t.typelem = 0
      or t.typtype = 'c' and exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
  union all
  select 'function', p.proname, p.proowner
  from ns, pg_catalog.pg_proc p
  where p.pronamespace = ns.oid
),
ledger as (
  select c.oid from ns, pg_catalog.pg_class c
  where c.relnamespace = ns.oid and c.relname in ('module_version', 'migration_log') and c.relkind = 'r'
)
select pg_catalog.jsonb_build_object(
  'server_version_num', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  'server_version', pg_catalog.current_setting('server_version'),
  'database', pg_catalog.jsonb_build_object('raw', pg_catalog.current_database(), 'sql', pg_catalog.quote_ident(pg_catalog.current_database())),
  'role', pg_catalog.jsonb_build_object('raw', current_user, 'sql', pg_catalog.quote_ident(current_user)),
  'now', pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'in_recovery', pg_catalog.pg_is_in_recovery(),
  'idle_session_timeout', pg_catalog.floor(1000::pg_catalog.numeric
    * extract(epoch from pg_catalog.current_setting('idle_session_timeout')::pg_catalog."interval"))::pg_catalog.int8,
  'may_create_schema', pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
  'schema', (
    select pg_catalog.jsonb_build_object(
      'owner', pg_catalog.jsonb_build_object(
        'raw', r.rolname, 'sql', pg_catalog.quote_ident(r.rolname), 'superuser', r.rolsuper),
      'owned', coalesce(pg_catalog.pg_has_role(ns.nspowner, 'USAGE'), false),
      'usage', coalesce(pg_catalog.has_schema_privilege(ns.oid, 'USAGE'), false),
      'create', coalesce(pg_catalog.has_schema_privilege(ns.oid, 'CREATE'), false)
    ) from ns join pg_catalog.pg_roles r on r.oid = ns.nspowner
  ),
  'may_write_ledger', (
    select coalesce(pg_catalog.bool_and(
      pg_catalog.has_table_privilege(oid, 'SELECT') and pg_catalog.has_table_privilege(oid, 'INSERT')
      and pg_catalog.has_table_privilege(oid, 'UPDATE') and pg_catalog.has_table_privilege(oid, 'DELETE')), true)
    from ledger
  ),
  'objects', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'kind', kind,
      'name', pg_catalog.jsonb_build_object('raw', name, 'sql', pg_catalog.quote_ident(name)),
      'owner', pg_catalog.jsonb_build_object('raw', r.rolname, 'sql', pg_catalog.quote_ident(r.rolname), 'superuser', r.rolsuper),
      'owned', coalesce(pg_catalog.pg_has_role(owner, 'USAGE'), false)
    ) order by kind, name), '[]') from object join pg_catalog.pg_roles r on r.oid = object.owner
  ),
  -- Whoever builds an index online holds this lock on its table all the time; so does a vacuum, of which only one that was
  -- started by hand belongs to an application.
  'indexes', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', c.relname, 'state',
      case
        when x.indisvalid then 'complete'
        when exists (
          select from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
          where l.relation = x.indrelid and l.mode = 'ShareUpdateExclusiveLock' and l.granted
            and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
            and a.application_name <> '')
        then 'being_built'
        else 'unfinished'
      end) order by c.relname), '[]')
    from ns join pg_catalog.pg_class c on c.relnamespace = ns.oid join pg_catalog.pg_index x on x.indexrelid = c.oid
  )
) as preflight;

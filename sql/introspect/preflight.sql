-- Everything that decides beforehand whether a run can succeed, beyond what server.sql says, as one JSON document. Needs only
-- CONNECT.
-- Its cost follows the schema, not the database: what the schema holds is found by pg_depend's reference index, and arrays
-- keep the planner from reading all of pg_class. 1259 is pg_class, 1247 pg_type, 1255 pg_proc, 2615 pg_namespace.
with ns as (
  select oid, nspowner from pg_catalog.pg_namespace where nspname = 'pevensie'
),
member as (
  select classid, objid from pg_catalog.pg_depend
  where refclassid = 2615 and refobjid = (select oid from ns) and deptype = 'n'
),
relation as (
  select c.oid, c.relname, c.relkind, c.relowner from pg_catalog.pg_class c
  where c.oid = any (array(select objid from member where classid = 1259))
),
index as (
  select x.indexrelid, x.indrelid, x.indisvalid from pg_catalog.pg_index x
  where x.indrelid = any (array(select oid from relation))
),
own_index as (
  select c.oid, c.relname, c.relowner from pg_catalog.pg_class c
  where c.oid = any (array(select indexrelid from index))
),
object as (
  select 'relation' as kind, relname as name, relowner as owner from relation
  union all
  select 'relation', relname, relowner from own_index
  union all
  select 'type', t.typname, t.typowner
  from pg_catalog.pg_type t
  where t.oid = any (array(select objid from member where classid = 1247))
  union all
  select 'function', p.proname, p.proowner
  from pg_catalog.pg_proc p
  where p.oid = any (array(select objid from member where classid = 1255))
),
ledger as (
  select oid from relation where relname in ('module_version', 'migration_log') and relkind = 'r'
)
select pg_catalog.jsonb_build_object(
  'idle_session_timeout', pg_catalog.floor(1000::pg_catalog.numeric
    * extract(epoch from pg_catalog.current_setting('idle_session_timeout')::pg_catalog."interval"))::pg_catalog.int8,
  'schema', (
    select pg_catalog.jsonb_build_object(
      'owner', pg_catalog.jsonb_build_object(
        'raw', r.rolname, 'sql', pg_catalog.quote_ident(r.rolname), 'superuser', r.rolsuper),
      'owned', coalesce(pg_catalog.pg_has_role(ns.nspowner, 'USAGE'), false),
      'usage', coalesce(pg_catalog.has_schema_privilege(ns.oid, 'USAGE'), false),
      'create', coalesce(pg_catalog.has_schema_privilege(ns.oid, 'CREATE'), false)
    ) from ns join pg_catalog.pg_roles r on r.oid = ns.nspowner
  ),
  'ledger_oids', (select coalesce(pg_catalog.jsonb_agg(oid::pg_catalog.text), '[]') from ledger),
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
        when i.indisvalid then 'complete'
        when exists (
          select from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
          where l.relation = i.indrelid and l.mode = 'ShareUpdateExclusiveLock' and l.granted
            and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
            and a.application_name <> '')
        then 'being_built'
        else 'unfinished'
      end) order by c.relname), '[]')
    from index i join own_index c on c.oid = i.indexrelid
  )
) as preflight;

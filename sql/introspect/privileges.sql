-- What the role in the setting pevensie_pg.app_role holds on the objects of schema pevensie, by itself, by its groups or by
-- PUBLIC, and what the session's own role may grant there, as one JSON document. Needs only CONNECT. What the schema holds is
-- found as preflight.sql finds it, so that the cost follows the schema.
with ns as (
  select oid, nspowner from pg_catalog.pg_namespace where nspname = 'pevensie'
),
member as (
  select classid, objid from pg_catalog.pg_depend
  where refclassid = 2615 and refobjid = (select oid from ns) and deptype = 'n'
),
app as (
  select oid, rolsuper from pg_catalog.pg_roles where rolname = pg_catalog.current_setting('pevensie_pg.app_role')
),
object as (
  select 'schema' as kind, ns.oid, 'pevensie' as identity, ns.nspowner as owner, array['usage', 'create'] as privileges
  from ns
  union all
  select case c.relkind when 'S' then 'sequence' else 'table' end, c.oid, pg_catalog.quote_ident(c.relname), c.relowner,
    case
      when c.relkind = 'S' then array['usage', 'select', 'update']
      when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000
        then array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain']
      else array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
    end
  from pg_catalog.pg_class c
  where c.oid = any (array(select objid from member where classid = 1259)) and c.relkind in ('r', 'p', 'S')
  union all
  select 'function', p.oid, pg_catalog.quote_ident(p.proname) || '(' || coalesce((
      select pg_catalog.string_agg(pg_catalog.format_type(u.t, null), ', ' order by u.n)
      from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) with ordinality u (t, n)), '') || ')',
    p.proowner, array['execute']
  from pg_catalog.pg_proc p
  where p.oid = any (array(select objid from member where classid = 1255)) and p.prokind = 'f'
  union all
  select 'type', t.oid, pg_catalog.quote_ident(t.typname), t.typowner, array['usage']
  from pg_catalog.pg_type t
  where t.oid = any (array(select objid from member where classid = 1247)) and t.typtype = 'e'
),
question as (
  select 'held' as name, oid as role, '' as suffix from app
  union all
  select 'grantable', oid, ' with grant option' from app
  union all
  select 'may_grant', oid, ' with grant option' from pg_catalog.pg_roles where rolname = current_user
),
answer as (
  select o.kind, o.oid, q.name, p.privilege
  from object o cross join lateral pg_catalog.unnest(o.privileges) as p (privilege) cross join question q
  where case o.kind
    when 'schema' then pg_catalog.has_schema_privilege(q.role, o.oid, p.privilege || q.suffix)
    when 'table' then pg_catalog.has_table_privilege(q.role, o.oid, p.privilege || q.suffix)
    when 'sequence' then pg_catalog.has_sequence_privilege(q.role, o.oid, p.privilege || q.suffix)
    when 'function' then pg_catalog.has_function_privilege(q.role, o.oid, p.privilege || q.suffix)
    else pg_catalog.has_type_privilege(q.role, o.oid, p.privilege || q.suffix)
  end
  union all
  select o.kind, o.oid, 'of_columns', p.privilege
  from app cross join object o
    cross join lateral pg_catalog.unnest(array['select', 'insert', 'update', 'references']) as p (privilege)
  where o.kind = 'table' and pg_catalog.has_any_column_privilege(app.oid, o.oid, p.privilege)
)
select pg_catalog.jsonb_build_object(
  'exists', exists (select from app),
  'superuser', coalesce((select rolsuper from app), false),
  'objects', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'kind', o.kind,
      'identity', o.identity,
      'owner', pg_catalog.jsonb_build_object('raw', r.rolname, 'sql', pg_catalog.quote_ident(r.rolname), 'superuser', r.rolsuper),
      'owned', coalesce((select pg_catalog.pg_has_role(app.oid, o.owner, 'MEMBER') from app), false),
      'answers', (
        select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(a.name, a.privilege)), '[]')
        from answer a where a.kind = o.kind and a.oid = o.oid)
    ) order by o.kind, o.identity), '[]')
    from object o join pg_catalog.pg_roles r on r.oid = o.owner
  )
) as privileges;

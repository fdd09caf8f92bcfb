-- Lists what schema pevensie holds, as JSON: [[kind, identity, definition], ...]. A second opinion on what the binary makes of
-- sql/introspect/catalog.sql: here the server itself puts it together, in the same words.
do $$
declare
  namespace pg_catalog.oid := (select oid from pg_catalog.pg_namespace where nspname = 'pevensie');
  relations pg_catalog.oid[];
  tables pg_catalog.oid[];
  types pg_catalog.oid[];
  functions pg_catalog.oid[];
  not_valid pg_catalog.text[]; -- columns whose NOT NULL is not
  disabled pg_catalog.oid[]; -- constraints of which a trigger is disabled
  has_others pg_catalog.bool;
  has_rules pg_catalog.bool;
  has_triggers pg_catalog.bool;
  has_other_types pg_catalog.bool;
  listing pg_catalog.jsonb := '[]';
  part pg_catalog.jsonb;
begin
  perform pg_catalog.set_config('search_path', '', true),
    pg_catalog.set_config('quote_all_identifiers', 'off', true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true),
    pg_catalog.set_config('DateStyle', 'ISO, MDY', true),
    pg_catalog.set_config('IntervalStyle', 'postgres', true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('extra_float_digits', '1', true),
    pg_catalog.set_config('bytea_output', 'hex', true),
    pg_catalog.set_config('lc_monetary', 'C', true);

  if namespace is not null then
    listing := '[["schema", "pevensie", ""]]';
  end if;

  -- Members of extensions are the extension's business.
  select
    pg_catalog.array_agg(d.objid) filter (where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass),
    pg_catalog.array_agg(d.objid) filter (where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass),
    pg_catalog.array_agg(d.objid) filter (where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass),
    coalesce(pg_catalog.bool_or(d.classid not in ('pg_catalog.pg_class'::pg_catalog.regclass,
      'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)), false)
  into relations, types, functions, has_others
  from pg_catalog.pg_depend d
  where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = namespace and d.deptype = 'n'
    and not exists (
      select from pg_catalog.pg_depend e where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e');

  -- Relations; the sequence of an identity or serial column belongs to its column.
  select
    pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
      case r.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view'
        when 'm' then 'materialized view' when 'f' then 'foreign table' else 'sequence' end,
      pg_catalog.quote_ident(r.relname),
      pg_catalog.concat_ws(' ',
        case r.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' else 'logged' end,
        case when r.relkind = 'p' then 'partitioned by ' || pg_catalog.pg_get_partkeydef(r.oid) end,
        case when r.relispartition then 'partition' end,
        case when r.relrowsecurity then 'row-security' end,
        case when r.relforcerowsecurity then 'force-row-security' end,
        (select 'inherits ' || pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, p.relname), ',' order by i.inhseqno)
         from pg_catalog.pg_inherits i
         join pg_catalog.pg_class p on p.oid = i.inhparent
         join pg_catalog.pg_namespace n on n.oid = p.relnamespace
         where i.inhrelid = r.oid),
        case when r.relkind in ('v', 'm') then 'as ' || pg_catalog.pg_get_viewdef(r.oid) end)
    )) filter (where r.relkind <> 'S' or not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = r.oid and d.deptype in ('a', 'i'))),
    pg_catalog.array_agg(r.oid) filter (where r.relkind <> 'S'),
    coalesce(pg_catalog.bool_or(r.relhasrules), false),
    coalesce(pg_catalog.bool_or(r.relhastriggers), false)
  into part, tables, has_rules, has_triggers
  from pg_catalog.pg_class r
  where r.oid = any (relations) and r.relkind in ('r', 'p', 'v', 'm', 'f', 'S');
  listing := listing || coalesce(part, '[]');

  if pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 180000 then
    not_valid := array(
      select k.conrelid || ':' || k.conkey[1] from pg_catalog.pg_constraint k
      where k.conrelid = any (tables) and k.contype = 'n' and not k.convalidated);
  end if;

  -- Columns.
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
    'column', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(a.attname),
    pg_catalog.concat_ws(' ',
      pg_catalog.format_type(a.atttypid, a.atttypmod),
      case when a.attcollation not in (0, 'pg_catalog."default"'::pg_catalog.regcollation)
        then 'collate ' || a.attcollation::pg_catalog.regcollation end,
      case when not a.attnotnull then 'null'
        when c.oid || ':' || a.attnum = any (not_valid) then 'not null not valid' else 'not null' end,
      case a.attidentity
        when 'a' then 'generated always as identity' when 'd' then 'generated by default as identity' end,
      case when a.atthasdef then
        case a.attgenerated when '' then 'default ' when 's' then 'generated stored ' else 'generated virtual ' end
        || (select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d
            where d.adrelid = a.attrelid and d.adnum = a.attnum) end)))
  into part
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
  where c.oid = any (tables) and a.attnum > 0 and not a.attisdropped;
  listing := listing || coalesce(part, '[]');

  -- Triggers people wrote, and the constraints of which a trigger is disabled.
  if has_triggers then
    select
      pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
        'trigger', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(g.tgname),
        pg_catalog.pg_get_triggerdef(g.oid)
          || case g.tgenabled when 'O' then '' else ' /* enabled=' || g.tgenabled::pg_catalog.text || ' */' end
      )) filter (where not g.tgisinternal),
      pg_catalog.array_agg(g.tgconstraint) filter (where g.tgisinternal)
    into part, disabled
    from pg_catalog.pg_trigger g join pg_catalog.pg_class c on c.oid = g.tgrelid
    where g.tgrelid = any (tables) and (not g.tgisinternal or g.tgenabled <> 'O');
    listing := listing || coalesce(part, '[]');
  end if;

  -- Constraints.
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
    'constraint', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(k.conname),
    pg_catalog.concat_ws(' ', pg_catalog.pg_get_constraintdef(k.oid),
      case when k.oid = any (disabled) then '/* triggers disabled */' end)))
  into part
  from pg_catalog.pg_class c join pg_catalog.pg_constraint k on k.conrelid = c.oid
  where c.oid = any (tables) and k.contype not in ('n', 't');
  listing := listing || coalesce(part, '[]');

  -- Indexes that no constraint owns.
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
    'index', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(i.relname),
    pg_catalog.concat_ws(' ', pg_catalog.pg_get_indexdef(i.oid),
      case when not x.indisvalid then '/* invalid */' end, case when not x.indisready then '/* not ready */' end)))
  into part
  from pg_catalog.pg_index x
  join pg_catalog.pg_class c on c.oid = x.indrelid
  join pg_catalog.pg_class i on i.oid = x.indexrelid
  where x.indrelid = any (tables) and not exists (
    select from pg_catalog.pg_constraint k
    where k.conrelid = x.indrelid and k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'));
  listing := listing || coalesce(part, '[]');

  -- Enums.
  select
    pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array('enum', pg_catalog.quote_ident(t.typname), (
      select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_catalog.pg_enum e where e.enumtypid = t.oid))) filter (where t.typtype = 'e'),
    coalesce(pg_catalog.bool_or(t.typtype <> 'e'), false)
  into part, has_other_types
  from pg_catalog.pg_type t
  where t.oid = any (types);
  listing := listing || coalesce(part, '[]');

  -- Functions, procedures, aggregates; of the body a hash, without carriage returns and outer blanks.
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
    case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate' else 'window function' end,
    pg_catalog.quote_ident(p.proname) || '(' || coalesce((
      select pg_catalog.string_agg(pg_catalog.format_type(u.t, null), ', ' order by u.n)
      from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) with ordinality u (t, n)), '') || ')',
    pg_catalog.concat_ws(' ',
      'returns ' || case when p.proretset then 'setof ' else '' end || pg_catalog.format_type(p.prorettype, null),
      'language ' || l.lanname,
      case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      case p.proparallel when 's' then 'parallel safe' when 'r' then 'parallel restricted' else 'parallel unsafe' end,
      case when p.proisstrict then 'strict' end,
      case when p.prosecdef then 'security definer' end,
      case when p.proleakproof then 'leakproof' end,
      'set ' || pg_catalog.array_to_string(p.proconfig, ','),
      case when p.prokind <> 'a' then 'sha256 ' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        pg_catalog.btrim(pg_catalog.replace(
          coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc), E'\r', ''), E' \t\n'), 'UTF8')), 'hex') end)))
  into part
  from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
  where p.oid = any (functions);
  listing := listing || coalesce(part, '[]');

  if has_rules then
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
      'rule', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(w.rulename),
      pg_catalog.pg_get_ruledef(w.oid)))
    into part
    from pg_catalog.pg_rewrite w join pg_catalog.pg_class c on c.oid = w.ev_class
    where w.ev_class = any (tables) and w.rulename <> '_RETURN';
    listing := listing || coalesce(part, '[]');
  end if;

  if exists (select from pg_catalog.pg_policy where polrelid = any (tables)) then
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
      'policy', pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(p.polname),
      pg_catalog.concat_ws(' ', case when p.polpermissive then 'permissive' else 'restrictive' end,
        'for ' || p.polcmd::pg_catalog.text,
        'using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
        'with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')))
    into part
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
    where p.polrelid = any (tables);
    listing := listing || coalesce(part, '[]');
  end if;

  if has_other_types then
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
      case t.typtype when 'd' then 'domain' when 'r' then 'range' when 'm' then 'multirange' else 'type' end,
      pg_catalog.quote_ident(t.typname),
      case t.typtype
        when 'd' then pg_catalog.concat_ws(' ', pg_catalog.format_type(t.typbasetype, t.typtypmod),
          case when t.typnotnull then 'not null' end, 'default ' || t.typdefault, (
            select pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ' order by k.conname)
            from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype <> 'n'))
        when 'c' then (
          select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' '
            || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
          from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)
        else '' end))
    into part
    from pg_catalog.pg_type t
    where t.oid = any (types) and t.typtype <> 'e';
    listing := listing || coalesce(part, '[]');
  end if;

  -- Extensions installed into the schema, operators, collations, statistics, text search ...
  if has_others then
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
      o.type, case when pg_catalog.starts_with(o.identity, 'pevensie.') then pg_catalog.substr(o.identity, 10)
        else o.identity end, ''))
    into part
    from pg_catalog.pg_depend d, lateral pg_catalog.pg_identify_object(d.classid, d.objid, 0) o
    where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = namespace and d.deptype = 'n'
      and d.classid not in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
        'pg_catalog.pg_proc'::pg_catalog.regclass)
      and not exists (
        select from pg_catalog.pg_depend e where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e');
    listing := listing || coalesce(part, '[]');
  end if;

  perform pg_catalog.set_config('pevensie_pg.catalog', listing::pg_catalog.text, true);
end
$$;
select pg_catalog.current_setting('pevensie_pg.catalog') as catalog;

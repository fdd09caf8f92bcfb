-- Fills schema public with look-alikes of everything in pg_catalog that a statement could mean. Each counts that it was
-- called, which no rollback takes back, and then raises an error.
create sequence public.calls;
create function public.taken_in(name pg_catalog.text) returns pg_catalog.void language plpgsql security definer
set search_path to pg_catalog as $$
begin
  perform pg_catalog.nextval('public.calls');
  raise exception 'taken in by %', name;
end $$;

do $do$
declare
  f record;
  body constant text := $body$language plpgsql as $$ begin perform public.taken_in(%L); return null; end $$ $body$;
begin
  -- Functions, with the same arguments. Whatever cannot be written in PL/pgSQL, such as a parameter of type "any", is left out.
  for f in
    select p.oid, p.proname, p.prorettype::regtype as result, p.proretset, p.proargtypes::oid[] as types,
      (select coalesce(string_agg(t::regtype::text, ', ' order by nth), '')
        from unnest(p.proargtypes::oid[]) with ordinality as a (t, nth)) as arguments
    from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f'
      and not 2276 = any (p.proargtypes) and p.prorettype not in (2278, 2279, 3838, 2281, 2280)
  loop
    begin
      execute format('create function public.%I(%s) returns %s%s ', f.proname, f.arguments,
        case when f.proretset then 'setof ' end, f.result)
        || format(case when f.proretset
          then $body$language plpgsql as $$ begin perform public.taken_in(%L); end $$ $body$ else body end, f.proname);
    exception when others then
      null;
    end;
  end loop;
  -- Aggregates.
  for f in
    select p.proname, (select coalesce(string_agg(t::regtype::text, ', ' order by nth), '')
        from unnest(p.proargtypes::oid[]) with ordinality as a (t, nth)) as arguments
    from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'a'
  loop
    begin
      execute format('create or replace function public.step(%s) returns int4 ',
        concat_ws(', ', 'int4', nullif(f.arguments, ''))) || format(body, f.proname);
      execute format('create aggregate public.%I(%s) (sfunc = public.step, stype = int4)', f.proname,
        coalesce(nullif(f.arguments, ''), '*'));
    exception when others then
      null;
    end;
  end loop;
  -- Operators, with the same operands.
  for f in
    select o.oid, o.oprname, o.oprleft::regtype as leftarg, o.oprright::regtype as rightarg, o.oprresult::regtype as result
    from pg_operator o
    where o.oprnamespace = 'pg_catalog'::regnamespace
  loop
    begin
      execute format('create function public.operator_%s(%s) returns %s ', f.oid,
        concat_ws(', ', nullif(f.leftarg::text, '-'), f.rightarg), f.result) || format(body, f.oprname);
      execute format('create operator public.%s (function = public.operator_%s%s, rightarg = %s)', f.oprname, f.oid,
        case when f.leftarg::oid <> 0 then format(', leftarg = %s', f.leftarg) end, f.rightarg);
    exception when others then
      null;
    end;
  end loop;
  -- Relations, catalogs among them: empty, and without a column that anybody looks for.
  for f in
    select c.relname from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v')
    union all values ('user'), ('session'), ('one_time_token'), ('cache'), ('module_version'), ('migration_log')
  loop
    execute format('create table public.%I (wrong int4)', f.relname);
  end loop;
  -- Types: domains over something else.
  for f in select unnest(array['uuid', 'text', 'timestamptz', 'jsonb', 'inet', 'int4', 'int8', 'bool', 'numeric', 'oid',
    'name', 'interval', 'regclass', 'record', 'timestamp', 'regtype', 'char', '_text']) as name
  loop
    begin
      execute format('create domain public.%I as pg_catalog.xml', f.name);
    exception when others then
      null;
    end;
  end loop;
end
$do$;
create type public.module as enum ('wrong');
create type public.one_time_token_type as enum ('wrong');
create function public.uuid7() returns pg_catalog.uuid language plpgsql as $$
begin perform public.taken_in('uuid7'); return null; end $$;
-- Casts that come unasked. Those that another database system is imitated with do what they say, and make operators ambiguous;
-- only a superuser could make one of ours do something else. One that nobody needs is a trap.
create cast (pg_catalog.int4 as pg_catalog.text) with inout as implicit;
create cast (pg_catalog.int8 as pg_catalog.text) with inout as implicit;
create cast (pg_catalog.uuid as pg_catalog.text) with inout as implicit;
create cast (pg_catalog.timestamptz as pg_catalog.text) with inout as implicit;
create cast (pg_catalog.text as pg_catalog.int4) with inout as implicit;
create cast (pg_catalog.text as pg_catalog.uuid) with inout as implicit;
create cast (pg_catalog.text as pg_catalog.jsonb) with inout as implicit;
create cast (pg_catalog.text as pg_catalog.timestamptz) with inout as implicit;
create cast (pg_catalog.varchar as pg_catalog.inet) with inout as implicit;
create function public.cast_to_uuid(pg_catalog.jsonb) returns pg_catalog.uuid language plpgsql as $$
begin perform public.taken_in('jsonb as uuid'); return null; end $$;
create cast (pg_catalog.jsonb as pg_catalog.uuid) with function public.cast_to_uuid(pg_catalog.jsonb) as implicit;

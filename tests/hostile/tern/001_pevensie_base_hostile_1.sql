-- base 20250101000000 hostile_1: up
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
      from pevensie.module_version where module::pg_catalog.text = 'base'
    );
  end if;
  if found is distinct from null::pg_catalog.text then
    raise exception 'module % is at %, but these statements start from %',
      'base', coalesce(found, 'nothing'), coalesce(null::pg_catalog.text, 'nothing')
      using errcode = 'object_not_in_prerequisite_state', hint = 'see: pevensie-pg status';
  end if;
end
$$;

-- The ledger as upstream's migrator knows it: one row for each installed module.

-- "create schema if not exists" wants CREATE on the database even where the schema is there already.
do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'pevensie') then
    create schema pevensie;
  end if;
end
$$;

create type pevensie.module as enum ('base', 'auth', 'cache');

create table pevensie.module_version (
  module pevensie.module constraint module_version_pkey primary key,
  version pg_catalog.timestamptz not null
);

-- What this tool adds to upstream's ledger: the checksum of each module's current version, and the history.
alter table pevensie.module_version add column checksum pg_catalog.text;

create table pevensie.migration_log (
  id pg_catalog.int8 generated always as identity constraint migration_log_pkey primary key,
  module pevensie.module not null,
  version pg_catalog.timestamptz not null,
  action pg_catalog.text not null
    constraint migration_log_action_check check (action in ('up', 'down', 'adopt')),
  checksum pg_catalog.text not null,
  started_at pg_catalog.timestamptz not null,
  finished_at pg_catalog.timestamptz not null,
  role pg_catalog.text not null,
  application pg_catalog.text not null,
  tool pg_catalog.text not null
);

-- A comment; it's got "quotes", $$ and $a$ dollars, {{ "{{" }} braces }}, ${name}, :name, and a semicolon at its end;
create function pevensie.hostile() returns pg_catalog.text
language plpgsql
as $hostile$
-- the first one: it's "here"; $$ {{ "{{" }} .name }} ${name} :name :'name' :"name" <%= name %> @name@ #{name} ? \ \\ %s
declare
  one pg_catalog.text := 'it''s; "so" $$ $a$ $pevensie$ {{ "{{" }} "{{ "{{" }}" }} ${name} #{name} {name} :name :''name'' ? $1 \n \';
  two pg_catalog.text := $a$ $$ it's; "nested" -- no comment; $b$ ' $b$ $a$;
  three pg_catalog.text := E'\\ \x41 ''\n''' || '"""' || ''''''' `${name}`';
begin

   -- a line that ends in blanks:   

  /* a block; it's one of "those" */
  return one || two || three || 'ä€🦢' || '5$';
end
$hostile$;

create table pevensie."hostile;" (
  "it's" pg_catalog.text default ';''--{{ "{{" }} $$ ${name}', -- its own; comment's
  "--" pg_catalog.text default '"'
);
comment on table pevensie."hostile;" is 'a comment of its own; {{ "{{" }} .x }} ${name} :name $1 $$ -- none
second line, it''s';

-- A migration begins when its transaction does, or when the one before it in the same transaction is done.
insert into pevensie.migration_log
  (module, version, action, checksum, started_at, finished_at, role, application, tool)
values (
  'base', '2025-01-01 00:00:00+00', 'up', '1500b81b604ad40ae2c9dc4c7ae57a78dd3fb31d56cc925508b32670734e83d1',
  least(
    greatest(pg_catalog.now(), (select pg_catalog.max(finished_at) from pevensie.migration_log)),
    pg_catalog.clock_timestamp()
  ),
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), 'pevensie-pg'
);

insert into pevensie.module_version (module, version, checksum)
values ('base', '2025-01-01 00:00:00+00', '1500b81b604ad40ae2c9dc4c7ae57a78dd3fb31d56cc925508b32670734e83d1')
on conflict (module) do update set version = excluded.version, checksum = excluded.checksum;

---- create above / drop below ----

-- base 20250101000000 hostile_1: down
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
      from pevensie.module_version where module::pg_catalog.text = 'base'
    );
  end if;
  if found is distinct from '20250101000000'::pg_catalog.text then
    raise exception 'module % is at %, but these statements start from %',
      'base', coalesce(found, 'nothing'), coalesce('20250101000000'::pg_catalog.text, 'nothing')
      using errcode = 'object_not_in_prerequisite_state', hint = 'see: pevensie-pg status';
  end if;
end
$$;

-- Down; it's "over" $$.
drop table pevensie."hostile;";

drop function pevensie.hostile();

-- A migration begins when its transaction does, or when the one before it in the same transaction is done.
insert into pevensie.migration_log
  (module, version, action, checksum, started_at, finished_at, role, application, tool)
values (
  'base', '2025-01-01 00:00:00+00', 'down', '1500b81b604ad40ae2c9dc4c7ae57a78dd3fb31d56cc925508b32670734e83d1',
  least(
    greatest(pg_catalog.now(), (select pg_catalog.max(finished_at) from pevensie.migration_log)),
    pg_catalog.clock_timestamp()
  ),
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), 'pevensie-pg'
);

delete from pevensie.module_version where module::pg_catalog.text = 'base';

-- Takes the ledger away once no module is recorded any more, and the schema once it is empty.
do $$
begin
  if exists (select from pevensie.module_version) then
    return;
  end if;
  -- In the order in which readers lock them, so that there is no deadlock.
  drop table pevensie.module_version;
  drop table pevensie.migration_log;
  drop type pevensie.module;
  -- Somebody else's objects stay, and with them the schema; so does one that this role could not make again.
  if exists (
    select from pg_catalog.pg_namespace n
    where n.nspname = 'pevensie' and pg_catalog.pg_has_role(n.nspowner, 'USAGE')
      and pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
      and not exists (
        select from pg_catalog.pg_depend d
        where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = n.oid
      )
  ) then
    drop schema pevensie;
  end if;
end
$$;

-- pevensie-pg 0: for psql, as a file or through a pipe
\set ON_ERROR_STOP on
\set QUIET on
\set SHOW_CONTEXT never

begin;

set local statement_timeout to 300000;
set local lock_timeout to 5000;
-- Whatever the role, the database or the pooler has set: only for this transaction.
set local search_path to pg_catalog, pg_temp;
set local client_min_messages to warning;
-- Where a role's settings make plans look expensive, compiling them takes seconds, and running them a few milliseconds.
set local jit to off;
-- A client that vanished must not keep the lock: the server notices within seconds.
set local tcp_keepalives_idle to 2;
set local tcp_keepalives_interval to 1;
set local tcp_keepalives_count to 3;
set local tcp_user_timeout to 5000;
set local idle_in_transaction_session_timeout to 30000;
do $$
begin
  begin
    set local client_connection_check_interval to 1000;
  exception
    when invalid_parameter_value then -- a server on Windows cannot look
      null;
  end;
  if pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 then
    perform pg_catalog.set_config('transaction_timeout', '0', true);
  end if;
end
$$;

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
    from (values ('base', null)) as s (module, version)
    where s.version is distinct from found ->> s.module
  loop
    raise exception 'module % is at %, but this script starts from %',
      differs.module, coalesce(differs.actual, 'nothing'), coalesce(differs.expected, 'nothing')
      using errcode = 'object_not_in_prerequisite_state',
        hint = 'pevensie-pg migrate prints the statements that this database needs';
  end loop;
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

-- base 20250101000000 hostile_1: up
-- A comment; it's got "quotes", $$ and $a$ dollars, {{ braces }}, ${name}, :name, and a semicolon at its end;
create function pevensie.hostile() returns pg_catalog.text
language plpgsql
as $hostile$
-- the first one: it's "here"; $$ {{ .name }} ${name} :name :'name' :"name" <%= name %> @name@ #{name} ? \ \\ %s
declare
  one pg_catalog.text := 'it''s; "so" $$ $a$ $pevensie$ {{ "{{" }} ${name} #{name} {name} :name :''name'' ? $1 \n \';
  two pg_catalog.text := $a$ $$ it's; "nested" -- no comment; $b$ ' $b$ $a$;
  three pg_catalog.text := E'\\ \x41 ''\n''' || '"""' || ''''''' `${name}`';
begin

   -- a line that ends in blanks:   

  /* a block; it's one of "those" */
  return one || two || three || 'ä€🦢' || '5$';
end
$hostile$;

create table pevensie."hostile;" (
  "it's" pg_catalog.text default ';''--{{ $$ ${name}', -- its own; comment's
  "--" pg_catalog.text default '"'
);
comment on table pevensie."hostile;" is 'a comment of its own; {{ .x }} ${name} :name $1 $$ -- none
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
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), 'pevensie-pg 0'
);

insert into pevensie.module_version (module, version, checksum)
values ('base', '2025-01-01 00:00:00+00', '1500b81b604ad40ae2c9dc4c7ae57a78dd3fb31d56cc925508b32670734e83d1')
on conflict (module) do update set version = excluded.version, checksum = excluded.checksum;

-- base 20250102000000 hostile_2: up
-- The second one: `quotes`; it's "it".
create or replace function pevensie.hostile() returns pg_catalog.text
language plpgsql
as $hostile$
-- the second one: it's "here"; $$ {{ .name }} ${name} :name :'name' :"name" <%= name %> @name@ #{name} ? \ \\ %s
declare
  one pg_catalog.text := 'it''s; "so" $$ $a$ $pevensie$ {{ "{{" }} ${name} #{name} {name} :name :''name'' ? $1 \n \';
  two pg_catalog.text := $a$ $$ it's; "nested" -- no comment; $b$ ' $b$ $a$;
  three pg_catalog.text := E'\\ \x41 ''\n''' || '"""' || ''''''' `${name}`';
begin

   -- a line that ends in blanks:   

  /* a block; it's one of "those" */
  return one || two || three || 'ä€🦢' || '5$';
end
$hostile$;

-- A migration begins when its transaction does, or when the one before it in the same transaction is done.
insert into pevensie.migration_log
  (module, version, action, checksum, started_at, finished_at, role, application, tool)
values (
  'base', '2025-01-02 00:00:00+00', 'up', '46c70e9758735ef753bb8a1d8832a220c71be3cc119d7992016b98c9b0f7507f',
  least(
    greatest(pg_catalog.now(), (select pg_catalog.max(finished_at) from pevensie.migration_log)),
    pg_catalog.clock_timestamp()
  ),
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), 'pevensie-pg 0'
);

insert into pevensie.module_version (module, version, checksum)
values ('base', '2025-01-02 00:00:00+00', '46c70e9758735ef753bb8a1d8832a220c71be3cc119d7992016b98c9b0f7507f')
on conflict (module) do update set version = excluded.version, checksum = excluded.checksum;

commit;

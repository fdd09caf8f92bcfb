begin;

-- base 20250102000000 hostile_2: down
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
  if found is distinct from '20250102000000'::pg_catalog.text then
    raise exception 'module % is at %, but these statements start from %',
      'base', coalesce(found, 'nothing'), coalesce('20250102000000'::pg_catalog.text, 'nothing')
      using errcode = 'object_not_in_prerequisite_state', hint = 'see: pevensie-pg status';
  end if;
end
$$;

-- The way back is to bring every byte of the first one again; that's hard.
create or replace function pevensie.hostile() returns pg_catalog.text
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

-- A migration begins when its transaction does, or when the one before it in the same transaction is done.
insert into pevensie.migration_log
  (module, version, action, checksum, started_at, finished_at, role, application, tool)
values (
  'base', '2025-01-02 00:00:00+00', 'down', '46c70e9758735ef753bb8a1d8832a220c71be3cc119d7992016b98c9b0f7507f',
  least(
    greatest(pg_catalog.now(), (select pg_catalog.max(finished_at) from pevensie.migration_log)),
    pg_catalog.clock_timestamp()
  ),
  pg_catalog.clock_timestamp(), current_user, pg_catalog.current_setting('application_name'), 'pevensie-pg'
);

insert into pevensie.module_version (module, version, checksum)
values ('base', '2025-01-01 00:00:00+00', '1500b81b604ad40ae2c9dc4c7ae57a78dd3fb31d56cc925508b32670734e83d1')
on conflict (module) do update set version = excluded.version, checksum = excluded.checksum;

commit;

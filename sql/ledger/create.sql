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

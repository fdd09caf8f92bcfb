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

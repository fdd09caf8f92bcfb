-- Reads the ledger where it is as it should be, for less than read.sql: "OID {row as JSON}" of each row of both tables. No row
-- at all says nothing: no table, no privilege, or something else in its place; then read.sql finds out what.
-- A table that may not exist can only be named in dynamic SQL. ts_stat is the one function of PostgreSQL itself that runs a
-- query given as text, for its words, of which each row is made one; PL/pgSQL, to be loaded first, costs twice as much.
-- A word has less than 2 kB; a longer row is cut off, and cannot be read.
select s.word as recorded
from pg_catalog.ts_stat(case
  -- A view, which may run anything, has no file.
  when pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('pevensie'), 'USAGE')
    and pg_catalog.pg_relation_filenode(pg_catalog.to_regclass('pevensie.module_version')) is not null
    and pg_catalog.pg_relation_filenode(pg_catalog.to_regclass('pevensie.migration_log')) is not null
    and pg_catalog.has_table_privilege(pg_catalog.to_regclass('pevensie.module_version'), 'SELECT')
    and pg_catalog.has_table_privilege(pg_catalog.to_regclass('pevensie.migration_log'), 'SELECT')
  then
    'select pg_catalog.array_to_tsvector(array[pg_catalog."left"(pg_catalog.concat(m.tableoid, '' '', pg_catalog.to_jsonb(m)), 511)])
     from pevensie.module_version m
     union all
     select pg_catalog.array_to_tsvector(array[pg_catalog."left"(pg_catalog.concat(l.tableoid, '' '', pg_catalog.to_jsonb(l)), 511)])
     from pevensie.migration_log l'
    -- To find out which records are the last ones costs more than to send so few.
    || case
      when pg_catalog.current_setting('pevensie_pg.log', true) = 'whole'
        or pg_catalog.pg_relation_size(pg_catalog.to_regclass('pevensie.migration_log')) <= 65536 then ''
      else ' where l.id in (select pg_catalog.max(id) from pevensie.migration_log group by module, version)' end
  else 'select null::pg_catalog.tsvector where false' end) as s;

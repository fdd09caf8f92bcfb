-- The server, the database and the role, first of all that is asked of a database: times come in UTC from here on.
set local TimeZone to 'UTC';
set local DateStyle to 'ISO, MDY';
select
  pg_catalog.current_setting('server_version_num') as server_version_num,
  pg_catalog.current_setting('server_version') as server_version,
  pg_catalog.current_database() as database,
  pg_catalog.quote_ident(pg_catalog.current_database()) as database_sql,
  current_user as role,
  pg_catalog.quote_ident(current_user) as role_sql,
  pg_catalog.now() as now,
  pg_catalog.pg_is_in_recovery() as in_recovery,
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') as may_create_schema,
  pg_catalog.to_regnamespace('pevensie') is not null as has_schema;

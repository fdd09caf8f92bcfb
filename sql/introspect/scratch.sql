-- Whether this role can create a database here, as one JSON document. Needs only CONNECT.
select pg_catalog.jsonb_build_object(
  'server_version_num', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  'server_version', pg_catalog.current_setting('server_version'),
  'in_recovery', pg_catalog.pg_is_in_recovery(),
  'role', pg_catalog.jsonb_build_object('raw', current_user, 'sql', pg_catalog.quote_ident(current_user)),
  'may_create_database', (select r.rolsuper or r.rolcreatedb from pg_catalog.pg_roles r where r.rolname = current_user)
) as scratch;

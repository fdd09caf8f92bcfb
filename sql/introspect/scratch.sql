-- Whether this role can create a database, beyond what server.sql says. Needs only CONNECT.
select r.rolsuper or r.rolcreatedb as may_create_database from pg_catalog.pg_roles r where r.rolname = current_user;

-- A role's limit for whole transactions; PostgreSQL 16 and older would refuse its name.
select pg_catalog.set_config('transaction_timeout', '0', true)
where pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000;

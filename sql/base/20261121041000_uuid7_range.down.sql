-- The functions as they were.
create or replace function pevensie.uuid7(p_timestamp pg_catalog.timestamptz) returns pg_catalog.uuid
language plpgsql volatile parallel unsafe
as $$
declare
  microseconds pg_catalog.int8 := pg_catalog.floor(extract(epoch from p_timestamp) * 1000000::pg_catalog.numeric);
  fraction pg_catalog.int4 := (microseconds % 1000::pg_catalog.int8) * 4096::pg_catalog.int8 / 1000::pg_catalog.int8;
begin
  return (
    pg_catalog.lpad(pg_catalog.to_hex(microseconds / 1000::pg_catalog.int8), 12, '0')
    || pg_catalog.to_hex(28672 + fraction) -- 0x7000: the version
    || pg_catalog.substr(pg_catalog.gen_random_uuid()::pg_catalog.text, 20)
  )::pg_catalog.uuid;
end
$$;

create or replace function pevensie.uuid7() returns pg_catalog.uuid
language plpgsql volatile parallel unsafe
as $$
begin
  return pevensie.uuid7(pg_catalog.clock_timestamp());
end
$$;

-- Every operator below finds its exact match in pg_catalog, so that no other schema on the search_path can put in its own.

-- UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, 12 bits for the fraction of the millisecond, so that
-- values made one after another ascend, and 62 random bits. The tail of a random UUID brings the variant bits along.
create function pevensie.uuid7(p_timestamp pg_catalog.timestamptz) returns pg_catalog.uuid
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

create function pevensie.uuid7() returns pg_catalog.uuid
language plpgsql volatile parallel unsafe
as $$
begin
  return pevensie.uuid7(pg_catalog.clock_timestamp());
end
$$;

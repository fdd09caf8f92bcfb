-- Refuses what a UUID of version 7 has no room for (RFC 9562, section 5.7: 48 bits of milliseconds since 1970), where the
-- functions before this one returned something else. Takes the place of whatever bodies were there.

create or replace function pevensie.uuid7(p_timestamp pg_catalog.timestamptz) returns pg_catalog.uuid
language plpgsql volatile parallel unsafe
as $$
declare
  seconds pg_catalog.numeric := extract(epoch from p_timestamp); -- exact, to the microsecond
  microseconds pg_catalog.int8;
begin
  if seconds < 0::pg_catalog.numeric or seconds >= 281474976710.656 then -- 2^48 milliseconds
    raise exception 'a UUID of version 7 cannot hold the time %', p_timestamp
      using errcode = 'datetime_field_overflow',
        detail = 'It holds times from 1970-01-01 00:00:00 to 10889-08-02 05:31:50.655 UTC.';
  end if;
  microseconds := seconds * 1000000::pg_catalog.numeric;
  return (
    pg_catalog.lpad(pg_catalog.to_hex(microseconds / 1000::pg_catalog.int8), 12, '0')
    || pg_catalog.to_hex(28672::pg_catalog.int8 -- 0x7000: the version
      + (microseconds % 1000::pg_catalog.int8) * 4096::pg_catalog.int8 / 1000::pg_catalog.int8)
    || pg_catalog.substr(pg_catalog.gen_random_uuid()::pg_catalog.text, 20)
  )::pg_catalog.uuid;
end
$$;

-- The clock is within the range, and a call less makes every insert faster.
create or replace function pevensie.uuid7() returns pg_catalog.uuid
language plpgsql volatile parallel unsafe
as $$
declare
  microseconds pg_catalog.int8 := extract(epoch from pg_catalog.clock_timestamp()) * 1000000::pg_catalog.numeric;
begin
  return (
    pg_catalog.lpad(pg_catalog.to_hex(microseconds / 1000::pg_catalog.int8), 12, '0')
    || pg_catalog.to_hex(28672::pg_catalog.int8
      + (microseconds % 1000::pg_catalog.int8) * 4096::pg_catalog.int8 / 1000::pg_catalog.int8)
    || pg_catalog.substr(pg_catalog.gen_random_uuid()::pg_catalog.text, 20)
  )::pg_catalog.uuid;
end
$$;

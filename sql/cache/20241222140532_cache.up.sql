-- Unlogged: quick to write, empty again after a crash, as a cache may be.
create unlogged table pevensie.cache (
  resource_type pg_catalog.text not null,
  key pg_catalog.text not null constraint cache_key_key unique,
  value pg_catalog.text not null,
  expires_at pg_catalog.timestamptz,
  constraint cache_pkey primary key (resource_type, key)
);

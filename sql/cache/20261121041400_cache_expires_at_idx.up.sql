-- For purging what has expired.
create index cache_expires_at_idx on pevensie.cache using btree (expires_at);

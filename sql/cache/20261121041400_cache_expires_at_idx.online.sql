create index concurrently cache_expires_at_idx on pevensie.cache using btree (expires_at);

create index concurrently session_expires_at_idx on pevensie.session using btree (expires_at);

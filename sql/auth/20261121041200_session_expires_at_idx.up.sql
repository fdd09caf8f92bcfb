-- For purging what has expired.
create index session_expires_at_idx on pevensie.session using btree (expires_at);

create index concurrently session_user_id_idx on pevensie.session using btree (user_id);

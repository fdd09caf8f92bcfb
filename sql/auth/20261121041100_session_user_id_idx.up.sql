-- For the sessions of one user, which go with the user.
create index session_user_id_idx on pevensie.session using btree (user_id);

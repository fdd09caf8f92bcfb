drop index pevensie.session_user_id_idx;

drop index pevensie.session_expires_at_idx;

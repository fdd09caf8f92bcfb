drop index pevensie.cache_expires_at_idx;

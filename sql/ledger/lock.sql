-- The one lock of every run that writes: the first 8 bytes of SHA-256('pevensie-pg'). Tried, never waited for: a session
-- that waits holds a snapshot, and another one's CREATE INDEX CONCURRENTLY would wait for that snapshot forever.
select pg_catalog.pg_try_advisory_xact_lock(4016478255630675573) as locked;

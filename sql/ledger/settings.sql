-- Whatever the role, the database or the pooler has set: only for this transaction.
set local search_path to pg_catalog, pg_temp;
set local client_min_messages to warning;
-- Where a role's settings make plans look expensive, compiling them takes seconds, and running them a few milliseconds.
set local jit to off;

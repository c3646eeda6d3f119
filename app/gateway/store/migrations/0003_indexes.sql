-- outside a transaction
-- What the common queries would otherwise read whole tables for; built beside the writers.

-- Previews whose time is over, looked for every ten seconds by every replica.
CREATE INDEX CONCURRENTLY IF NOT EXISTS plans_previewed ON plans (expires_at) WHERE state = 'previewed';

-- Who is signed in, counted every five seconds without a look at the table, and sessions that ended a week ago.
CREATE INDEX CONCURRENTLY IF NOT EXISTS sign_in_sessions_expires ON sign_in_sessions (expires_at)
    INCLUDE (user_id, revoked_at);

-- Any name may be tried, so that this table is as large as somebody likes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS sign_in_failures_locked_until ON sign_in_failures (locked_until);

-- The outbox is emptied from its oldest event on.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_outbox_created ON audit_outbox (created_at);

-- What fires now, however long ago it began.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alerts_firing ON alerts (starts_at DESC) WHERE state = 'firing';

-- Accounts and sign-ins. A token is kept as its SHA-256 only.
CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name = lower(name) AND length(name) BETWEEN 1 AND 64),
    email text,
    display_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE UNIQUE INDEX users_name ON users (name);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE sign_in_failures (
    name text PRIMARY KEY,
    failures integer NOT NULL,
    locked_until timestamptz NOT NULL
);

CREATE TABLE sign_in_sessions (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('browser', 'token')),
    name text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    cache_cleared boolean NOT NULL DEFAULT false
);
CREATE INDEX sign_in_sessions_user ON sign_in_sessions (user_id, expires_at);
CREATE INDEX sign_in_sessions_to_clear ON sign_in_sessions (revoked_at) WHERE revoked_at IS NOT NULL AND NOT cache_cleared;

-- Conversations. `last_seq` numbers the messages of one session without a lock on the others.
CREATE TABLE chat_sessions (
    session_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    title text NOT NULL,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'deleted')),
    cluster text NOT NULL,
    namespace text NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_sessions_user_created ON chat_sessions (user_id, created_at);
CREATE INDEX chat_sessions_active ON chat_sessions (user_id, updated_at DESC) WHERE status = 'active';

CREATE TABLE messages (
    session_id uuid NOT NULL REFERENCES chat_sessions ON DELETE CASCADE,
    seq bigint NOT NULL,
    turn uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('person', 'kubechat')),
    at timestamptz NOT NULL DEFAULT now(),
    event jsonb NOT NULL,
    PRIMARY KEY (session_id, seq)
);
-- A message that the browser sends again after a reconnect is stored, and acted upon, once.
CREATE UNIQUE INDEX messages_said_once ON messages (session_id, turn) WHERE role = 'person';

-- Plans: what was previewed, to whom, and what became of it. A plan is confirmed once, by a conditional update.
CREATE TABLE plans (
    plan_id uuid PRIMARY KEY,
    session_id uuid REFERENCES chat_sessions ON DELETE SET NULL,
    turn uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users,
    digest text NOT NULL,
    risk text NOT NULL CHECK (risk IN ('change', 'destructive')),
    typed_name text,
    commands text[] NOT NULL,
    steps jsonb NOT NULL,
    state text NOT NULL DEFAULT 'previewed'
        CHECK (state IN ('previewed', 'confirmed', 'applied', 'failed', 'not_sent', 'unknown', 'refused', 'cancelled', 'expired')),
    request_id text NOT NULL,
    trace_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    owner text,
    deadline timestamptz,
    finished_at timestamptz
);
CREATE INDEX plans_unfinished ON plans (deadline) WHERE state = 'confirmed';

-- One row per mutating request of a plan. `sending` is committed before the request leaves, so that a crash is told from "never sent".
CREATE TABLE plan_steps (
    plan_id uuid NOT NULL REFERENCES plans ON DELETE CASCADE,
    step integer NOT NULL,
    intent_id uuid NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'applied', 'failed', 'not_sent', 'unknown')),
    text text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (plan_id, step)
);

-- Audit events that the audit service could not take yet.
CREATE TABLE audit_outbox (
    event_id uuid PRIMARY KEY,
    event jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE alerts (
    fingerprint text NOT NULL,
    starts_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('firing', 'resolved')),
    ends_at timestamptz,
    labels jsonb NOT NULL,
    annotations jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (fingerprint, starts_at)
);
CREATE INDEX alerts_changed ON alerts (changed_at);
CREATE INDEX alerts_newest ON alerts (starts_at DESC);

-- Audit events: rows are added and read, never changed. The service's role owns the table, because it migrates its own
-- database; so it takes the rights to change or remove rows from itself, and triggers refuse both to every other role.
CREATE TABLE audit_events (
    event_id uuid PRIMARY KEY,
    timestamp timestamptz NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('intent', 'outcome', 'read', 'refusal', 'sign_in', 'sign_out', 'administration')),
    user_id uuid NOT NULL,
    user_name text NOT NULL,
    session_id uuid,
    request_id text NOT NULL,
    trace_id text NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    verb text NOT NULL,
    resource text NOT NULL,
    name text NOT NULL,
    command text NOT NULL,
    intent_id uuid,
    plan_digest text,
    outcome text CHECK (outcome IN ('applied', 'failed', 'not_sent', 'unknown', 'refused', 'ok')),
    detail jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (kind <> 'outcome' OR outcome IS NOT NULL)
);

-- Every index ends in the order of a search, so that a page is read off it from where the last one ended.
CREATE INDEX audit_events_user_timestamp ON audit_events (user_id, timestamp, event_id);
CREATE INDEX audit_events_user_name_timestamp ON audit_events (user_name, timestamp, event_id);
CREATE INDEX audit_events_timestamp ON audit_events (timestamp, event_id);
CREATE INDEX audit_events_place_timestamp ON audit_events (cluster, namespace, timestamp, event_id);
CREATE INDEX audit_events_intent ON audit_events (intent_id) WHERE intent_id IS NOT NULL;

REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM CURRENT_USER;
REVOKE ALL ON audit_events FROM PUBLIC;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Intents: one per mutating request of a plan, stored before that request is sent. An outcome closes an intent; one that
-- is "unknown" may be replaced by what evidence shows later.
CREATE TABLE intents (
    intent_id uuid PRIMARY KEY,
    plan_id uuid NOT NULL,
    step integer NOT NULL CHECK (step >= 0),
    digest text NOT NULL,
    deadline timestamptz NOT NULL,
    event_id uuid NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome IN ('applied', 'failed', 'not_sent', 'unknown', 'refused', 'ok')),
    closed_at timestamptz,
    outcome_event_id uuid,
    UNIQUE (plan_id, step),
    CHECK ((outcome IS NULL) = (closed_at IS NULL))
);
CREATE INDEX intents_open ON intents (deadline, intent_id) WHERE outcome IS NULL;
REVOKE DELETE, TRUNCATE ON intents FROM CURRENT_USER;
REVOKE ALL ON intents FROM PUBLIC;

-- Planned maintenance: while one lasts, what happens is not entered into any objective's book. One that a person ended,
-- or cancelled before its start, has `ended_at`; it is over from then on.
CREATE TABLE maintenances (
    maintenance_id uuid PRIMARY KEY,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (length(btrim(reason)) > 0),
    declared_by uuid NOT NULL REFERENCES users,
    declared_by_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CHECK (ends_at > starts_at)
);
CREATE INDEX maintenances_not_over ON maintenances (ends_at) WHERE ended_at IS NULL;

-- What Prometheus knew of each day (UTC), kept for longer than Prometheus remembers. `recorded_at` says when it was
-- asked: of a day that had not ended by then the rest is missing.
CREATE TABLE availability_days (
    slo text NOT NULL,
    day date NOT NULL,
    events double precision NOT NULL,
    bad_events double precision NOT NULL,
    unanswered_seconds double precision NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (slo, day)
);

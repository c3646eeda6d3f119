-- A second person's approval: what a plan demands (null: none), and the one decision on it. Who decided, on which digest
-- and until when it counts is asked here, by the statement that confirms the plan, and by nobody's memory.
ALTER TABLE plans ADD COLUMN approval jsonb;
CREATE TABLE plan_approvals (
    plan_id uuid PRIMARY KEY REFERENCES plans ON DELETE CASCADE,
    approver uuid NOT NULL REFERENCES users,
    approver_name text NOT NULL,
    digest text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('approved', 'denied')),
    reason text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX plans_to_approve ON plans (expires_at) WHERE state = 'previewed' AND approval IS NOT NULL;

-- Jobs: plans that take longer than a request. `deadline` is the lease of whoever carries one out, `epoch` counts who took
-- it; a step that is being sent keeps its own deadline, after which its request cannot leave any more.
ALTER TABLE plans ADD COLUMN job boolean NOT NULL DEFAULT false;
ALTER TABLE plans ADD COLUMN epoch integer NOT NULL DEFAULT 0;
ALTER TABLE plans ADD COLUMN progress text NOT NULL DEFAULT '';
ALTER TABLE plans ADD COLUMN cancel_requested_at timestamptz;
ALTER TABLE plan_steps ADD COLUMN deadline timestamptz;
ALTER TABLE plan_steps ADD COLUMN attempt_of integer;
-- The cluster said "not now" (429), which proves that the request was not applied: another one may follow it.
ALTER TABLE plan_steps ADD COLUMN retry boolean NOT NULL DEFAULT false;
CREATE INDEX plans_jobs ON plans (confirmed_at) WHERE state = 'confirmed' AND job;

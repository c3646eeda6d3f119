-- Autovacuum for the tables that change with every message, sign-in and plan. The figures are those of the target
-- indexing_strategy.maintenance.auto_vacuum; a test compares them. They stand here as well as in the server's
-- configuration, so that they hold on a server that somebody else has configured.
ALTER TABLE chat_sessions SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE messages SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE plans SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE plan_steps SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE sign_in_sessions SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE audit_outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Statistics: a few values make up most rows, and the others are what is looked for. With the default of 100 a rare
-- owner or state is not among them, and is taken for as common as the average.
ALTER TABLE chat_sessions ALTER COLUMN user_id SET STATISTICS 500;
ALTER TABLE chat_sessions ALTER COLUMN status SET STATISTICS 500;
ALTER TABLE plans ALTER COLUMN state SET STATISTICS 500;
ALTER TABLE alerts ALTER COLUMN state SET STATISTICS 500;

-- Rebuilds of the largest tables' indexes, whichever replica made them. The database as it is now counts as rebuilt.
CREATE TABLE index_rebuilds (
    rebuild_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text NOT NULL CHECK (outcome IN ('baseline', 'running', 'ok', 'failed', 'interrupted')),
    started_by text NOT NULL,
    indexes jsonb NOT NULL DEFAULT '[]',
    bytes_before bigint,
    bytes_after bigint,
    CHECK ((outcome = 'running') = (ended_at IS NULL))
);
INSERT INTO index_rebuilds (ended_at, outcome, started_by) VALUES (now(), 'baseline', 'migration');

-- Groups of accounts, which a policy may name. `rights_changed_at` is set while copies of a person's sessions with their
-- former groups may still be cached.
ALTER TABLE users ADD COLUMN groups text[] NOT NULL DEFAULT '{}' CHECK (array_position(groups, NULL) IS NULL);
ALTER TABLE users ADD COLUMN rights_changed_at timestamptz;
CREATE INDEX users_rights_changed ON users (rights_changed_at) WHERE rights_changed_at IS NOT NULL;

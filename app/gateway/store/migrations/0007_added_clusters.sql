-- Clusters that an administrator added while the installation runs. The kubeconfig, credentials in it, is sealed under a
-- key that is not in this database (`key_id` says which); `revision` tells replicas that it is another one than before.
CREATE TABLE added_clusters (
    name text PRIMARY KEY,
    server text NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    revision uuid NOT NULL,
    added_by uuid NOT NULL REFERENCES users,
    added_at timestamptz NOT NULL DEFAULT now()
);

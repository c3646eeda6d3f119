"""What KubeChat is about: commands, sessions, clusters, identities, audit entries."""

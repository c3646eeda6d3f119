"""Kubernetes API clients: credentials, impersonation, one bounded request at a time. Knows no command and no person."""

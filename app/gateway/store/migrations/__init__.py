"""The gateway's schema, forward only."""

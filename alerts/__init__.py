"""Generators of Prometheus rules, their promtool cases and Alertmanager's configuration."""

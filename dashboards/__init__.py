"""Generators of Grafana dashboards, and what they generate."""

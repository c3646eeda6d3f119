"""Metrics, traces and logs: what is measured, and how."""

"""Caches in memory: one budget per process, one set of metrics, every entry with an end."""

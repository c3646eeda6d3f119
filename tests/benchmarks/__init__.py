"""Benchmarks: each gives rows that are compared with a bar, and written to docs/benchmarks.md and .json."""

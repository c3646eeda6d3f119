"""Kubernetes' binary encoding, as far as requests use it."""

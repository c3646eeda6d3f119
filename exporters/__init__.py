"""Collectors for what the stores, the clusters, the host and the links cannot say for themselves."""

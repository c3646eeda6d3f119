"""Kinds that a cluster's custom resource definitions add to those that every cluster has."""

"""Calls to the other processes."""

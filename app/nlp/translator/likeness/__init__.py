"""Reads what no rule fits like a known sentence that says nearly the same."""

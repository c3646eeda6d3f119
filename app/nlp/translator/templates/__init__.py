"""Requests that are told by their whole wording: each form of words with what it asks for."""

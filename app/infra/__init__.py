"""Adapters to libraries and servers; knows no feature."""

"""The configuration of each server of the local stack, as text made from the catalogue."""

"""Shows that a target's test would notice: changes its figure, or switches its capability off, and wants to see red."""

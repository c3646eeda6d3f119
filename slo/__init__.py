"""The ground floor: every promised figure as data, and the arithmetic that turns figures into rules."""

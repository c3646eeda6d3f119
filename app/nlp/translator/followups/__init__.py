"""What is said of the last command: it with another value, for another object, elsewhere, once more, not at all."""

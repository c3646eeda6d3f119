"""The embedded translator: words to a plan of kubectl lines, with no model and no I/O."""

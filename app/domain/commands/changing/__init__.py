"""What changes do: planned, tried by dry run, rechecked, sent once, and resolved when an answer was lost."""

"""Whether what was promised holds at present."""

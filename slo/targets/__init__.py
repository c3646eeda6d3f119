"""The targets, one module per section of the architecture document."""

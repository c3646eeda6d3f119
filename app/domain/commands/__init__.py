"""kubectl's language as typed commands: parsed, classified, read, previewed, sent."""

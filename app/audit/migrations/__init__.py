"""Forward-only SQL migrations of the audit service's database."""

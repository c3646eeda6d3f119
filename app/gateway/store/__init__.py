"""The gateway's rows in PostgreSQL, every statement named."""

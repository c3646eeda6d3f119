"""The audit process: events in, an answer only once they are durable."""

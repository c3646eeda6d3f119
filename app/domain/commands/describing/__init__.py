"""Objects as kubectl describe prints them; each has been redacted before it comes here."""

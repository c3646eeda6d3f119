"""Demo clusters: an HTTP server that speaks the Kubernetes API."""

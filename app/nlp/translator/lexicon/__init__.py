"""What the translator knows of English and of Kubernetes' words, as data."""

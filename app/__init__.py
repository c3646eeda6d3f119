"""KubeChat's processes and what they share."""

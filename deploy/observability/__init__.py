"""What Grafana, Prometheus, Alertmanager, a collector and a trace store are given where they run in containers.

Everything here is generated: provisioning files, a compose file, Kubernetes ConfigMaps. Nothing here starts anything.
"""

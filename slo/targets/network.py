"""How services speak to each other.

Section `network_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, percent

MESH_PROTOCOL = Target(
    "network_optimization.service_mesh.protocol",
    "Services speak HTTP/2 through the mesh.",
    Kind.SETTING,
    (choice("HTTP/2"),),
    "Locally HTTP/1.1 is spoken, since the server has no other.",
)
MESH_CONNECTION_POOLING = Target(
    "network_optimization.service_mesh.connection_pooling",
    "Services keep their connections: fewer than one request in twenty opens a new one.",
    Kind.CAPABILITY,
    (percent(5, "new_connections"),),
)
MESH_LOAD_BALANCING = Target(
    "network_optimization.service_mesh.load_balancing",
    "A request goes to the replica with the fewest requests in flight.",
    Kind.SETTING,
    (choice("LEAST_REQUEST"),),
)
CNI = Target(
    "network_optimization.kubernetes_networking.cni",
    "The cluster's network is Cilium or Calico; another is said.",
    Kind.CAPABILITY,
    (choice("cilium", "first"), choice("calico", "second")),
)
ISTIO = Target(
    "network_optimization.kubernetes_networking.service_mesh",
    "Istio's proxies are tuned for this traffic.",
    Kind.SETTING,
    (choice("istio"), percent(1, "trace_sampling")),
)
INGRESS = Target(
    "network_optimization.kubernetes_networking.ingress",
    "The ingress keeps connections and adds little delay, which is measured.",
    Kind.SETTING,
    (choice("ingress-nginx", "first"), choice("envoy-gateway", "second")),
)
KEEP_ALIVE = Target(
    "network_optimization.tcp_optimization.keep_alive",
    "TCP keep-alive is on for every connection.",
    Kind.SETTING,
    (choice("on"),),
)
NO_DELAY = Target(
    "network_optimization.tcp_optimization.no_delay",
    "Nagle's algorithm is off for every connection.",
    Kind.SETTING,
    (choice("on"),),
)
BUFFER_SIZES = Target(
    "network_optimization.tcp_optimization.buffer_sizes",
    "Send and receive buffers have the sizes that were measured to be best.",
    Kind.SETTING,
)

"""How services speak to each other, and what the gateway bounds.

Sections `network_optimization` and `gateway_optimization` of the architecture document. Data only: nothing here
measures or enforces.
"""

from __future__ import annotations

from slo.target import Figure, Kind, Target, Unit, choice, count, percent, seconds

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

CONNECTION_LIMITS = Target(
    "gateway_optimization.request_handling.connection_limits",
    "A gateway replica holds at most 10,000 connections.",
    Kind.LIMIT,
    (count(10_000),),
)
REQUEST_TIMEOUT = Target(
    "gateway_optimization.request_handling.request_timeout",
    "A request is given up after 30 seconds.",
    Kind.LIMIT,
    (seconds(30),),
    "Streams are a class of their own: they end when the person leaves.",
)
IDLE_TIMEOUT = Target(
    "gateway_optimization.request_handling.idle_timeout",
    "A connection without a frame either way for 60 seconds is closed.",
    Kind.LIMIT,
    (seconds(60), seconds(25, "ping")),
    "Idle WebSockets are pinged every 25 seconds, so that only a dead peer is idle.",
)
ROUTE_CACHING = Target(
    "gateway_optimization.routing_optimization.route_caching",
    "The route of a path that was seen before is not searched for again.",
    Kind.CAPABILITY,
)
PATH_MATCHING = Target(
    "gateway_optimization.routing_optimization.path_matching",
    "Finding a route takes as long among 1,000 routes as among 10.",
    Kind.CAPABILITY,
    (count(1000, "routes"), count(1.2, "times")),
)
MIDDLEWARE_PIPELINE = Target(
    "gateway_optimization.routing_optimization.middleware_pipeline",
    "What all requests pass through costs little, and its cost is measured.",
    Kind.CAPABILITY,
)
RESPONSE_COMPRESSION = Target(
    "gateway_optimization.compression.response_compression",
    "Answers over 1 KB are compressed with brotli or gzip.",
    Kind.SETTING,
    (Figure(1024, Unit.BYTES, "minimum"), choice("br", "preferred"), choice("gzip", "fallback")),
)
REQUEST_DECOMPRESSION = Target(
    "gateway_optimization.compression.request_decompression",
    "Compressed request bodies are read, within the same limit as plain ones.",
    Kind.CAPABILITY,
)

"""How services speak to each other, and what the gateway bounds.

Sections `network_optimization` and `gateway_optimization` of the architecture document. Data only: nothing here
measures or enforces.
"""

from __future__ import annotations

from slo import promql
from slo.prometheus import GATEWAY
from slo.promql import select
from slo.reference import Comparison, Limit, Part, Planned, ServerSetting, Sli
from slo.target import Figure, Kind, Target, Unit, choice, count, percent, seconds

_TESTS = "tests/targets/test_network.py"
_SOCKETS = "kubechat_websockets"
_REQUESTS = "kubechat_http_requests_in_flight"

MESH_PROTOCOL = Target(
    "network_optimization.service_mesh.protocol",
    "Services speak HTTP/2 through the mesh.",
    Kind.SETTING,
    (choice("HTTP/2"),),
    "Locally HTTP/1.1 is spoken, since the server has no other.",
    planned=Planned(Part.DEPLOY, "There is no mesh yet, whose DestinationRule would ask for HTTP/2."),
)
MESH_CONNECTION_POOLING = Target(
    "network_optimization.service_mesh.connection_pooling",
    "Services keep their connections: fewer than one request in twenty opens a new one.",
    Kind.CAPABILITY,
    (percent(5, "new_connections"),),
    test=f"{_TESTS}::test_a_service_that_is_asked_a_hundred_times_sees_at_most_five_connections",
    planned=Planned(Part.GATEWAY, "Connections between services are kept, but nobody counts the new ones live yet."),
)
MESH_LOAD_BALANCING = Target(
    "network_optimization.service_mesh.load_balancing",
    "A request goes to the replica with the fewest requests in flight.",
    Kind.SETTING,
    (choice("LEAST_REQUEST"),),
    planned=Planned(Part.DEPLOY, "There is no mesh yet; the services' own clients take turns among the replicas."),
)
CNI = Target(
    "network_optimization.kubernetes_networking.cni",
    "The cluster's network is Cilium or Calico; another is said.",
    Kind.CAPABILITY,
    (choice("cilium", "first"), choice("calico", "second")),
    planned=Planned(Part.DEPLOY, "Nothing looks at a cluster's network yet; `kubechat doctor` will."),
)
ISTIO = Target(
    "network_optimization.kubernetes_networking.service_mesh",
    "Istio's proxies are tuned for this traffic.",
    Kind.SETTING,
    (choice("istio"), percent(1, "trace_sampling")),
    planned=Planned(Part.DEPLOY, "There are no manifests of Istio yet."),
)
INGRESS = Target(
    "network_optimization.kubernetes_networking.ingress",
    "The ingress keeps connections and adds little delay, which is measured.",
    Kind.SETTING,
    (choice("ingress-nginx", "first"), choice("envoy-gateway", "second")),
    planned=Planned(Part.DEPLOY, "There are no manifests of an ingress yet, and nothing measures its delay."),
)
KEEP_ALIVE = Target(
    "network_optimization.tcp_optimization.keep_alive",
    "TCP keep-alive is on for every connection.",
    Kind.SETTING,
    (choice("on"),),
    enforced_by=(ServerSetting("pgbouncer", "tcp_keepalive"),),
    test=f"{_TESTS}::test_the_pooler_keeps_its_connections_alive",
    planned=Planned(
        Part.GATEWAY, "PgBouncer's connections have it; the services' listeners and clients do not set it."
    ),
)
NO_DELAY = Target(
    "network_optimization.tcp_optimization.no_delay",
    "Nagle's algorithm is off for every connection.",
    Kind.SETTING,
    (choice("on"),),
    planned=Planned(
        Part.GATEWAY, "The event loops turn it off by themselves; nothing of ours sets it or reads it back."
    ),
)
BUFFER_SIZES = Target(
    "network_optimization.tcp_optimization.buffer_sizes",
    "Send and receive buffers have the sizes that were measured to be best.",
    Kind.SETTING,
    planned=Planned(Part.GATEWAY, "The sizes are the system's; the sweep that chooses better ones was not run yet."),
)

CONNECTION_LIMITS = Target(
    "gateway_optimization.request_handling.connection_limits",
    "A gateway replica holds at most 10,000 connections.",
    Kind.LIMIT,
    (count(10_000),),
    sli=Sli(
        _SOCKETS,
        promql.maximum(promql.plus(select(_SOCKETS, job=GATEWAY).query, select(_REQUESTS, job=GATEWAY).query)),
        Comparison.AT_MOST,
    ),
    planned=Planned(
        Part.GATEWAY, "Nothing refuses the next connection, and idle ones between requests are not counted."
    ),
)
REQUEST_TIMEOUT = Target(
    "gateway_optimization.request_handling.request_timeout",
    "A request is given up after 30 seconds.",
    Kind.LIMIT,
    (seconds(30),),
    "Streams are a class of their own: they end when the person leaves.",
    enforced_by=(
        Limit("app.infra.kubernetes.client:ClusterClient.request"),
        Limit("app.domain.commands.engine:Engine"),
    ),
    test=f"{_TESTS}::test_a_request_to_a_cluster_is_given_up_after_30_seconds",
    planned=Planned(Part.GATEWAY, "Commands end at 30 seconds; no deadline, metric or alert covers every request yet."),
)
IDLE_TIMEOUT = Target(
    "gateway_optimization.request_handling.idle_timeout",
    "A connection without a frame either way for 60 seconds is closed.",
    Kind.LIMIT,
    (seconds(60), seconds(25, "ping")),
    "Idle WebSockets are pinged every 25 seconds, so that only a dead peer is idle.",
    enforced_by=(Limit("app.infra.lifecycle:serve"),),
    test=f"{_TESTS}::test_a_connection_without_a_frame_for_60_seconds_is_closed_and_sockets_are_pinged_every_25",
    planned=Planned(Part.GATEWAY, "No metric tells how long connections are idle; its alert and panel come with it."),
)
ROUTE_CACHING = Target(
    "gateway_optimization.routing_optimization.route_caching",
    "The route of a path that was seen before is not searched for again.",
    Kind.CAPABILITY,
    planned=Planned(Part.GATEWAY, "Every request searches the routes anew."),
)
PATH_MATCHING = Target(
    "gateway_optimization.routing_optimization.path_matching",
    "Finding a route takes as long among 1,000 routes as among 10.",
    Kind.CAPABILITY,
    (count(1000, "routes"), count(1.2, "times")),
    planned=Planned(Part.GATEWAY, "Routes are tried one after the other, and no benchmark compares 1,000 with 10."),
)
MIDDLEWARE_PIPELINE = Target(
    "gateway_optimization.routing_optimization.middleware_pipeline",
    "What all requests pass through costs little, and its cost is measured.",
    Kind.CAPABILITY,
    planned=Planned(Part.GATEWAY, "Neither a benchmark nor a metric tells what the middleware takes."),
)
RESPONSE_COMPRESSION = Target(
    "gateway_optimization.compression.response_compression",
    "Answers over 1 KB are compressed with brotli or gzip.",
    Kind.SETTING,
    (Figure(1024, Unit.BYTES, "minimum"), choice("br", "preferred"), choice("gzip", "fallback")),
    enforced_by=(Limit("app.gateway.routes.web:web_routes"),),
    test=f"{_TESTS}::test_a_static_file_over_a_kilobyte_is_compressed_and_a_smaller_one_is_not",
    planned=Planned(Part.GATEWAY, "Static files over 1 KB are compressed; answers of the API are not yet."),
)
REQUEST_DECOMPRESSION = Target(
    "gateway_optimization.compression.request_decompression",
    "Compressed request bodies are read, within the same limit as plain ones.",
    Kind.CAPABILITY,
    planned=Planned(Part.GATEWAY, "A compressed body is taken for a malformed payload."),
)

"""What the gateway bounds and how it answers.

Section `gateway_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.target import Figure, Kind, Target, Unit, choice, count, seconds

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

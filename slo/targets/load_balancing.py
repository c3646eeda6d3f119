"""How load is spread, and what is left out of it when it fails.

Section `load_balancing` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.reference import Limit, Part, Planned
from slo.target import Kind, Target, choice, count, percent, seconds

_TESTS = "tests/targets/test_load_balancing.py"
_INGRESS = Planned(Part.DEPLOY, "There is no ingress before the manifests.")
_MESH = Planned(Part.DEPLOY, "There is no mesh before the manifests.")

INGRESS_ALGORITHM = Target(
    "load_balancing.ingress_load_balancing.algorithm",
    "New browsers are dealt out in turn and then stay with their replica.",
    Kind.SETTING,
    (choice("round_robin", "algorithm"), choice("cookie", "affinity")),
    "State never depends on affinity: it saves cache misses, nothing else.",
    planned=_INGRESS,
)
INGRESS_HEALTH_CHECKS = Target(
    "load_balancing.ingress_load_balancing.health_checks",
    "Traffic goes to a replica only while its HTTP health check answers.",
    Kind.SETTING,
    (choice("/healthz", "liveness"), choice("/readyz", "readiness")),
    enforced_by=(Limit("app.infra.private:private_app"),),
    test=f"{_TESTS}::test_a_replica_says_by_http_whether_it_lives_and_whether_it_is_ready",
    planned=Planned(Part.DEPLOY, "The checks are answered; what sends traffic by them comes with the manifests."),
)
INGRESS_CIRCUIT_BREAKERS = Target(
    "load_balancing.ingress_load_balancing.circuit_breakers",
    "The ingress passes a safe request to the next replica when one fails, and leaves that one out for a while.",
    Kind.SETTING,
    (count(3, "max_fails"), seconds(10, "fail_timeout")),
    "The document gives no figures: three failures are no accident any more, ten seconds are a restart.",
    planned=_INGRESS,
)
MESH_LOAD_BALANCER = Target(
    "load_balancing.service_mesh_load_balancing.istio_configuration.load_balancer",
    "Inside the mesh a request goes to the replica with the fewest requests in flight.",
    Kind.SETTING,
    (choice("LEAST_REQUEST"),),
    planned=_MESH,
)
MESH_OUTLIER_DETECTION = Target(
    "load_balancing.service_mesh_load_balancing.istio_configuration.outlier_detection",
    "A replica that keeps failing is left out, never more than half of them.",
    Kind.SETTING,
    (
        count(5, "consecutive_5xx"),
        seconds(10, "interval"),
        seconds(30, "base_ejection_time"),
        percent(50, "max_ejection"),
    ),
    "The document gives no figures: these are Envoy's own defaults, with the ejected share held at a half.",
    planned=_MESH,
)
MESH_RETRY_POLICY = Target(
    "load_balancing.service_mesh_load_balancing.istio_configuration.retry_policy",
    "A read is tried again up to 3 times, each time after a longer pause; a change never is.",
    Kind.SETTING,
    (count(3, "retries"),),
    "At one layer per hop only, so that retries do not multiply.",
    planned=Planned(
        Part.DEPLOY,
        "A change is never sent twice, and a read once to each replica without a pause; retries come with the mesh.",
    ),
)
DATABASE_READ_QUERIES = Target(
    "load_balancing.database_load_balancing.read_queries",
    "Reads go to the read replicas in turn.",
    Kind.CAPABILITY,
    (choice("round_robin"),),
    test="tests/integration/infra/test_replicas.py::test_reads_take_turns_among_the_replicas_and_leave_the_primary_alone",
)
DATABASE_WRITE_QUERIES = Target(
    "load_balancing.database_load_balancing.write_queries",
    "Writes go to the primary alone.",
    Kind.CAPABILITY,
    (choice("primary"),),
    test=f"{_TESTS}::test_the_stores_write_to_the_primary_alone",
)
DATABASE_CONNECTION_POOLING = Target(
    "load_balancing.database_load_balancing.connection_pooling",
    "Each service has a connection pool of its own.",
    Kind.CAPABILITY,
    (choice("per_service"),),
    test=f"{_TESTS}::test_each_service_has_a_connection_pool_of_its_own",
)

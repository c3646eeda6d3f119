"""How many database connections one replica may open: the pooler's figures, shared out among all replicas."""

from __future__ import annotations

from slo.targets.connections import POOL_SIZE
from slo.targets.scaling import AUDIT_MAX_REPLICAS, GATEWAY_MAX_REPLICAS, POSTGRES_POOLER


def client_pool_size() -> int:
    """Connections per replica and database: the pooler's clients over the most replicas, never above a service's pool.

    The gateway and the audit service open one database each; the language service opens none.
    """
    clients = POSTGRES_POOLER.named("enterprise").whole
    replicas = GATEWAY_MAX_REPLICAS.figure.whole + AUDIT_MAX_REPLICAS.figure.whole
    return min(POOL_SIZE.figure.whole, clients // replicas)

"""How many database connections one replica may open: the pooler's figures, shared out among all replicas."""

from __future__ import annotations

from slo.targets.connections import POOL_SIZE
from slo.targets.scaling import AUDIT_MAX_REPLICAS, GATEWAY_MAX_REPLICAS, POSTGRES_POOLER


def client_pool_size(read_replicas: int = 0) -> int:
    """Connections per replica and database: the pooler's clients over all pools, never above a service's pool.

    A replica of the gateway opens the primary's database and that of each read replica, one of the audit service its
    own; the language service opens none.

    Args:
        read_replicas: of PostgreSQL.
    """
    clients = POSTGRES_POOLER.named("enterprise").whole
    pools = GATEWAY_MAX_REPLICAS.figure.whole * (1 + read_replicas) + AUDIT_MAX_REPLICAS.figure.whole
    return min(POOL_SIZE.figure.whole, clients // pools)

"""How many database connections one replica may open: the pooler's figures, shared out among all replicas."""

from __future__ import annotations

from typing import Final

from slo.targets.connections import POOL_SIZE
from slo.targets.scaling import AUDIT_MAX_REPLICAS, GATEWAY_MAX_REPLICAS, POSTGRES_POOLER

# That all connections are in use is told over one that nothing else may use: a replica stores and reads alerts over it.
ALERT_CONNECTIONS: Final = 1
# Of a replica of the audit service; its settings say for what.
AUDIT_POOL: Final = 8
# That a replica opens at its start, before its pools, to see what the pooler carries.
PROBES: Final = 2
# Of the pooler to the primary, for all replicas: each is needed for some milliseconds a second.
ALERT_SERVER_CONNECTIONS: Final = 2


def client_pool_size(read_replicas: int = 0) -> int:
    """Connections per gateway replica and database: what the pooler has left, never above a service's pool.

    A replica of the gateway opens the primary's database, that of each read replica, and its connection for alerts; one
    of the audit service its own pool; the language service opens none.

    Args:
        read_replicas: of PostgreSQL.
    """
    gateways, audits = GATEWAY_MAX_REPLICAS.figure.whole, AUDIT_MAX_REPLICAS.figure.whole
    taken = gateways * ALERT_CONNECTIONS + audits * AUDIT_POOL + PROBES
    left = POSTGRES_POOLER.named("enterprise").whole - taken
    return min(POOL_SIZE.figure.whole, left // (gateways * (1 + read_replicas)))

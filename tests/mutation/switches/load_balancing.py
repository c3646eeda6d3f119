"""How the capabilities of `slo.targets.load_balancing` are switched off."""

from __future__ import annotations

from typing import Any

from tests.mutation.switches import Around
from tests.mutation.switches.scaling import of_a_replica

SWITCHES: dict[str, dict[str, Any]] = {
    "load_balancing.database_load_balancing.write_queries": {
        "app.gateway.store.chats:Chats.__init__": Around(of_a_replica),
    },
    "load_balancing.database_load_balancing.read_queries": {
        "app.infra.postgres.replicas:Replicas._in_turn": lambda self, replicas: replicas[:2],
    },
    # The audit service uses the gateway's database as the gateway's user.
    "load_balancing.database_load_balancing.connection_pooling": {
        "app.stack.servers.postgresql:AUDIT_DATABASE": "kubechat",
        "app.stack.servers.postgresql:AUDIT_ROLE": "kubechat_gateway",
    },
}

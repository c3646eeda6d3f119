"""How the capabilities of `slo.targets.scaling` are switched off."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutation.switches import Around


def of_a_replica(made: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Gives a store a read replica in place of its database."""

    def init(store: Any, database: Any, *reads: Any) -> None:
        other = copy.copy(database)
        other._url = f"{database._url}_replica_1"
        made(store, other, *reads)

    return init


SWITCHES: dict[str, dict[str, Any]] = {
    # No server follows another.
    "database_scaling.postgresql.primary_replica": {
        "app.stack.servers.postgresql:text": Around(
            lambda text: lambda settings: text(replace(settings, primary=None)),
        ),
    },
    # The pooler hands out connections to the first read replica.
    "database_scaling.postgresql.read_write_split.writes": {
        "app.stack.servers.pgbouncer:_database": Around(
            lambda database: lambda port, name: database(port + 1, name),
        ),
    },
    "database_scaling.postgresql.read_write_split.reads": {
        "app.gateway.main:Replicas": Around(
            lambda replicas: lambda primary, _, instruments: replicas(primary, (), instruments)
        ),
    },
    "database_scaling.postgresql.read_write_split.session_data": {
        "app.gateway.store.accounts:Accounts.__init__": Around(of_a_replica),
    },
    # All cached sessions have one hash tag, and so one slot.
    "database_scaling.redis.sharding_strategy.session_data": {
        "app.gateway.service.sign_in:_key": lambda token_hash: f"{{s}}:{token_hash.hex()}",
    },
}

"""How the capabilities of `slo.targets.network` are switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutation.switches import Around


def _keeping_none(limits: Callable[..., Any]) -> Callable[..., Any]:
    """Connections are closed after each answer."""
    return lambda **given: limits(**(given | {"max_keepalive_connections": 0}))


SWITCHES: dict[str, dict[str, Any]] = {
    "network_optimization.service_mesh.connection_pooling": {"app.infra.http:httpx2.Limits": Around(_keeping_none)},
}

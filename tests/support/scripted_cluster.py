"""A cluster client whose answers come from a function; it remembers what it was asked and opens no connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from multidict import CIMultiDict, CIMultiDictProxy

from app.infra.kubernetes.client import Answer, ClusterClient, Query
from app.infra.kubernetes.errors import status_error
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import ClusterConfig
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

ADA = Impersonation("kubechat:ada", ("kubechat:admins",))


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    accept: str
    body: Any
    mutates: bool | None


Answering = Callable[[Asked], Any]  # a body, an exception to raise, or None for a 404


class ScriptedCluster(ClusterClient):
    """Answers with what `answering` gives."""

    def __init__(self, answering: Answering, name: str = "prod-eu") -> None:
        super().__init__(ClusterConfig(name, "https://cluster.example", "shop"), Instruments(), Tracing("x", "y"))
        self._answering = answering
        self.asked: list[Asked] = []

    async def request(
        self,
        method: str,
        path: str,
        *,
        identity: Impersonation,
        query: Query = (),
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: float = 30.0,
        headers: Sequence[tuple[str, str]] = (),
        mutates: bool | None = None,
    ) -> Answer:
        asked = Asked(method, path, tuple(query), accept, None if body is None else orjson.loads(body), mutates)
        self.asked.append(asked)
        found = self._answering(asked)
        if isinstance(found, BaseException):
            raise found
        if found is None:
            raise status_error(self.name, 404, {"kind": "Status", "message": "not found", "reason": "NotFound"}, None)
        content = found if isinstance(found, bytes) else orjson.dumps(found)
        return Answer(200, CIMultiDictProxy(CIMultiDict()), content)


def refused(
    status: int, message: str = "no", *, causes: Sequence[dict[str, str]] = (), retry_after: str | None = None
) -> BaseException:
    details = {"causes": list(causes)}
    return status_error("prod-eu", status, {"kind": "Status", "message": message, "details": details}, retry_after)

"""The ASGI application: finds the cluster, lets faults happen, finds out who asks, and sends the answer."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from app.demo.access.identity import MASTERS, Tokens, impersonation
from app.demo.access.rbac import Action, refusal
from app.demo.api import discovery
from app.demo.api.address import parse
from app.demo.api.exchange import (
    MAX_BODY_BYTES,
    Answer,
    Message,
    Receive,
    Request,
    Scope,
    Send,
    Stream,
    query_of,
    status_answer,
)
from app.demo.api.resources import Resources
from app.demo.cluster import Cluster
from app.demo.custom.definitions import kinds_of
from app.demo.faults import Fault, Faults
from app.demo.ledger import Ledger
from app.demo.status import NO_SNIFFING, StatusError, bad_request, unauthorized
from app.telemetry.logs import get_logger

ADMINS: Final = "kubechat:admins"
_CLUSTER: Final = re.compile(r"^/clusters/([a-z0-9-]+)(/.*)?$")
_OPEN_PROBES: Final = frozenset({"/healthz", "/livez", "/readyz"})
_FAULT_POLL_S: Final = 0.1
_log = get_logger(__name__)


class AbortError(Exception):
    """The connection is to be closed without an answer."""


class Server:
    """The Kubernetes API of several clusters.

    Args:
        clusters: by name.
        tokens: who may come in.
        ledger: where changes are noted.
    """

    def __init__(self, clusters: dict[str, Cluster], tokens: Tokens, ledger: Ledger) -> None:
        self._clusters = clusters
        self._resources = {name: Resources(cluster, ledger) for name, cluster in clusters.items()}
        self._tokens = tokens
        self._ledger = ledger
        self.faults = Faults(tuple(clusters))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        audit_id = _header(scope, b"audit-id") or str(uuid.uuid4())
        abort: Callable[[], None] | None = scope.get("kubechat.abort")
        try:
            answer = await self._answer(scope, receive, audit_id)
        except StatusError as exc:
            answer = status_answer(exc)
        except AbortError:
            if abort is not None:
                abort()
            return
        except Exception:  # noqa: BLE001 - the client gets an API server's answer, the log the reason
            _log.exception("request failed", path=scope["path"], audit_id=audit_id)
            answer = status_answer(
                StatusError(500, f"Internal error occurred: audit ID {audit_id}", "InternalError", {})
            )
        if isinstance(answer, Stream):
            await _stream(answer, audit_id, receive, send)
        else:
            await _send(answer, audit_id, send, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive, audit_id: str) -> Answer | Stream:
        # `path` is decoded; only the raw one keeps an encoded slash apart from a real one.
        path = scope["path"]
        if path in _OPEN_PROBES:
            return Answer(200, b"ok", "text/plain; charset=utf-8")
        match = _CLUSTER.match(path)
        if match is None or match[1] not in self._clusters:
            if path.startswith("/_demo/"):
                return self._control(scope, await _body(receive))
            raise _no_path()
        name, inner = match[1], match[2] or "/"
        fault = self.faults.hit(name, scope["method"], inner)
        if fault is not None:
            await self._before(fault, receive)
        request = Request(
            method=scope["method"],
            path=inner,
            prefix=f"/clusters/{name}",
            query=query_of(scope),
            headers={key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]},
            body=await _body(receive),
            audit_id=audit_id,
        )
        if fault is not None and fault.kind == "error":
            raise StatusError(fault.status, "Internal error occurred: a fault was switched on", "InternalError", {})
        answer = self._serve(name, request, scope)
        if fault is not None and fault.kind == "drop":
            raise AbortError
        return answer

    async def _before(self, fault: Fault, receive: Receive) -> None:
        match fault.kind:
            case "refuse":
                raise AbortError
            case "slow":
                await asyncio.sleep(fault.delay_s)
            case "hang":
                gone = asyncio.create_task(_disconnected(receive))
                try:
                    while self.faults.is_on(fault) and not gone.done():
                        await asyncio.wait({gone}, timeout=_FAULT_POLL_S)
                finally:
                    gone.cancel()
                    with suppress(asyncio.CancelledError):
                        await gone
                raise AbortError

    def _serve(self, name: str, request: Request, scope: Scope) -> Answer | Stream:
        resources = self._resources[name]
        user = self._tokens.user(request.headers.get("authorization", ""))
        wanted = impersonation(scope["headers"])
        if wanted is not None:
            asked = [Action("impersonate", "", "users", name=wanted.user)]
            asked += [Action("impersonate", "", "groups", name=group) for group in wanted.groups]
            if wanted.uid:
                asked.append(Action("impersonate", "authentication.k8s.io", "uids", name=wanted.uid))
            for action in asked:
                if not resources.authorizer.decide(user, action).allowed:
                    raise _forbidden(action, refusal(user, action))
            user = wanted.as_user()
        request.user = user
        custom = kinds_of(self._clusters[name].store)
        address = parse(request.path, custom)
        if address is not None:
            return resources.answer(request, address)
        action = Action(request.method.lower(), path=request.path)
        if not resources.authorizer.decide(user, action).allowed:
            raise _forbidden(action, refusal(user, action))
        if request.method not in {"GET", "HEAD"}:
            raise StatusError(
                405, "the server does not allow this method on the requested resource", "MethodNotAllowed", {}
            )
        answer = discovery.answer(request, custom)
        if answer is None:
            return Answer(404, b"404 page not found\n", "text/plain; charset=utf-8", dict(NO_SNIFFING))
        return answer

    def _control(self, scope: Scope, body: bytes) -> Answer:
        user = self._tokens.user(_header(scope, b"authorization"))
        if not {MASTERS, ADMINS} & set(user.groups):
            if not _header(scope, b"authorization"):
                raise unauthorized()
            raise StatusError(403, f'User "{user.name}" may not control the demo clusters', "Forbidden", {})
        query = query_of(scope)
        cluster = query.get("cluster", [""])[0]
        match scope["method"], scope["path"]:
            case "GET", "/_demo/ledger":
                return Answer(200, {"entries": self._ledger.entries(cluster)})
            case "GET", "/_demo/faults":
                return Answer(200, {"faults": [fault.shown() for fault in self.faults.active()]})
            case "POST", "/_demo/faults":
                request = Request("POST", "", "", {}, {}, body, "")
                fault = self.faults.set(request.decoded("fault"))
                return Answer(200, {"faults": [fault.shown()] if fault else []})
            case "DELETE", "/_demo/faults":
                self.faults.clear(cluster)
                return Answer(200, {"faults": [fault.shown() for fault in self.faults.active()]})
            case "POST", "/_demo/compact":
                self._compact(cluster)
                return Answer(200, {})
        raise _no_path()

    def _compact(self, name: str) -> None:
        """Forget a cluster's watch history, so that clients meet 410."""
        cluster = self._clusters.get(name)
        if cluster is None:
            raise bad_request(f"cluster must be one of {', '.join(self._clusters)}")
        cluster.store.forget_all()


def _no_path() -> StatusError:
    clusters = "the demo serves /clusters/<name>/, /_demo/ledger and /_demo/faults"
    return StatusError(404, f"the server could not find the requested resource: {clusters}", "NotFound", {})


def _forbidden(action: Action, why: str) -> StatusError:
    if action.path:
        return StatusError(403, f"forbidden: {why}", "Forbidden", {}, headers=dict(NO_SNIFFING))
    kind = f"{action.resource}.{action.group}" if action.group else action.resource
    details: dict[str, Any] = {"name": action.name} if action.name else {}
    if action.group:
        details["group"] = action.group
    details["kind"] = action.resource
    message = f'{kind} "{action.name}" is forbidden: {why}'
    return StatusError(403, message, "Forbidden", details, headers=dict(NO_SNIFFING))


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise AbortError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            text = f"Request entity too large: limit is {MAX_BODY_BYTES}"
            raise StatusError(413, text, "RequestEntityTooLarge", {})
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(content_type: str, audit_id: str, more: dict[str, str]) -> list[tuple[bytes, bytes]]:
    named = {"Audit-Id": audit_id, "Cache-Control": "no-cache, private", "Content-Type": content_type, **more}
    return [(key.lower().encode("latin-1"), value.encode("latin-1", "replace")) for key, value in named.items()]


async def _send(answer: Answer, audit_id: str, send: Send, *, head: bool) -> None:
    body = answer.encoded()
    headers = _headers(answer.content_type, audit_id, answer.headers)
    headers.append((b"content-length", str(len(body)).encode()))
    start: Message = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": b"" if head else body})


async def _stream(stream: Stream, audit_id: str, receive: Receive, send: Send) -> None:
    headers = _headers(stream.content_type, audit_id, {})
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.create_task(_disconnected(receive))
    pump = asyncio.create_task(_pump(stream, send))
    try:
        await asyncio.wait({gone, pump}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (gone, pump):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _pump(stream: Stream, send: Send) -> None:
    async for chunk in stream.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})

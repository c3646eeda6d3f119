"""One cluster's API over HTTP: bounded, impersonated, measured, and honest about what may have been sent.

A request that changes something goes out once, over a connection of its own, and is never repeated here: when its
answer is lost the caller is told that the outcome is not known. Reads are repeated once, after a kept connection
turned out to be dead. This module knows HTTP and the Status object, and no kind of Kubernetes object.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote

import aiohttp
import orjson
from multidict import CIMultiDict, CIMultiDictProxy
from opentelemetry.trace import SpanKind
from yarl import URL

from app.errors import DeadlineExceededError, ForbiddenError, UnavailableError
from app.infra.kubernetes.breaker import Breaker, Health
from app.infra.kubernetes.credentials import Credentials, Proof
from app.infra.kubernetes.errors import (
    KubernetesStatusError,
    OutcomeUnknownError,
    reason_of,
    status_error,
)
from app.infra.kubernetes.impersonation import Impersonation, Itself
from app.infra.kubernetes.kubeconfig import ClusterConfig
from app.infra.kubernetes.sessions import Progress, Sessions
from app.infra.kubernetes.translation import Translation, why_away
from app.infra.traffic import KUBERNETES, Traffic
from app.telemetry import catalogue
from app.telemetry.conventions import http_answered, http_request, server_of
from app.telemetry.instruments import Instruments
from app.telemetry.stages import waiting_for_cluster
from app.telemetry.tracing import Tracing
from slo.targets.network import REQUEST_TIMEOUT

CONNECT_TIMEOUT_S = 5.0
LARGEST_ANSWER_BYTES = 32 * 2**20  # some 50,000 rows of a table; a process has 512 MiB in all
LONGEST_LINE_BYTES = 256 * 1024  # of a log; a longer one comes in pieces
LONGEST_EVENT_BYTES = 4 * 2**20  # of a watch: an object of the 1.5 MiB that a cluster keeps, its quotes escaped
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_URLS = 256  # those of lists come again and again; each is about a kilobyte
_CHUNK_BYTES = 64 * 1024

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: HTTP status, headers, body as it came."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        """The decoded body; UnavailableError when it is no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            raise UnavailableError(
                "The cluster gave an answer that cannot be read.", code="cluster_unavailable"
            ) from exc


class AnswerTooLargeError(UnavailableError):
    """The cluster's answer is larger than what one request may hold in memory (503, not worth a retry)."""

    code = "answer_too_large"
    retryable: ClassVar[bool] = False


class ClusterClient:
    """Speaks to one cluster's API server.

    Args:
        config: the context.
        instruments: where requests are measured.
        tracing: client spans.
        admit: asked whether an identity may be used on this cluster, by its names; ForbiddenError when it may not.
        breaker: what leaves the cluster alone for a while; None where every request is tried.
    """

    def __init__(
        self,
        config: ClusterConfig,
        instruments: Instruments,
        tracing: Tracing,
        admit: Callable[[Impersonation], None] | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._breaker = breaker
        self._admit = admit
        self.config = config
        self._told = Translation(config.name)
        self.instruments = instruments
        self._tracing = tracing
        self._credentials = Credentials(config)
        self._base = URL(config.server)
        self._origin, self._server = str(self._base.origin()), server_of(config.server)
        self._requests = instruments.counter(catalogue.KUBERNETES_REQUESTS)
        self._duration = instruments.histogram(catalogue.KUBERNETES_REQUEST_DURATION)
        self._traffic = Traffic(instruments, KUBERNETES)
        self._sessions = Sessions()

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.config.name

    @property
    def health(self) -> Health:
        """What is known of the cluster from the requests that were made."""
        return self._breaker.health if self._breaker is not None else Health()

    def gave_up(self, reason: str) -> None:
        """Note that somebody waited for an answer no longer."""
        if self._breaker is not None:
            self._breaker.failed(reason, "cluster_timeout")

    async def close(self) -> None:
        """Close all connections."""
        await self._sessions.close()
        if self._breaker is not None:
            self._breaker.retire()

    async def request(
        self,
        method: str,
        path: str,
        *,
        identity: Impersonation | Itself,
        query: Query = (),
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: float = REQUEST_TIMEOUT.figure.number,
        headers: Sequence[tuple[str, str]] = (),
        mutates: bool | None = None,
    ) -> Answer:
        """One request as a person, one answer.

        Args:
            method: HTTP method.
            path: absolute path below the server's URL, its segments quoted by `path_of`.
            identity: in whose name; `AS_ITSELF` for what only measures.
            query: parameters, in order, repeated ones allowed.
            body: bytes of the body, None for none.
            content_type: media type of the body.
            accept: media types that are understood.
            timeout_s: deadline for everything, the connection included.
            headers: more headers.
            mutates: whether the request changes anything; by default every method but GET does. Dry runs and access
                reviews are POST or PATCH and change nothing.

        Raises:
            KubernetesStatusError: the API server answered with anything but a success.
            UnavailableError: the request cannot have been sent (code `cluster_unavailable`, `cluster_credentials`).
            OutcomeUnknownError: it changes something, may have been sent, and its answer is lost.
            DeadlineExceededError: it changes nothing and no answer came in time.
        """
        changes = method not in _SAFE_METHODS if mutates is None else mutates
        outgoing = _Outgoing(
            method, path, identity, tuple(query), body, content_type, accept, tuple(headers), changes=changes
        )
        started = time.perf_counter()
        verb, status = method.lower(), "unavailable"
        try:
            with self._guarded(started), self._span(method, path) as span, waiting_for_cluster():
                try:
                    answer = await self._answered(outgoing, timeout_s)
                except KubernetesStatusError as error:
                    http_answered(span, error.http_status)
                    raise
                http_answered(span, answer.status)
                status = str(answer.status)
                self._traffic.received.count += len(answer.body)
                return answer
        except KubernetesStatusError as error:
            status = str(error.http_status)
            raise
        except DeadlineExceededError:
            status = "timeout"
            raise
        except OutcomeUnknownError:
            status = "unknown"
            raise
        finally:
            self._traffic.sent.count += len(body or b"")
            self._duration.labels(self.name, verb).observe(time.perf_counter() - started)
            self._requests.labels(self.name, verb, status).inc()

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        identity: Impersonation | Itself,
        query: Query = (),
        accept: str = "application/json",
        timeout_s: float = REQUEST_TIMEOUT.figure.number,
        idle_timeout_s: float | None = None,
        longest_line_bytes: int = LONGEST_LINE_BYTES,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Read an answer line by line as it comes: followed logs and watches. Lines keep no line feed.

        Args:
            path: as for `request`.
            identity: in whose name.
            query: parameters.
            accept: media types that are understood.
            timeout_s: deadline until the first byte of the answer.
            idle_timeout_s: longest silence between two lines, None for no limit.
            longest_line_bytes: a longer line is given in pieces.

        Raises:
            KubernetesStatusError: the API server refused.
            UnavailableError: it does not answer, or the stream broke.
            DeadlineExceededError: nothing came in time.
        """
        outgoing = _Outgoing("GET", path, identity, tuple(query), None, "", accept, (), changes=False)
        started, status = time.perf_counter(), "unavailable"
        try:
            async with self._errors(outgoing, Progress(sent=True)):
                timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=idle_timeout_s)
                proof = await self._credentials.proof()
                async with asyncio.timeout(timeout_s):
                    with self._guarded(started), waiting_for_cluster():
                        response = await self._send(outgoing, proof, timeout, Progress())
                try:
                    status = str(response.status)
                    if response.status >= 300:
                        raise self._refused(response, await self._read(response))
                    yield self._lines(response, outgoing, longest_line_bytes)
                finally:
                    response.close()
        finally:
            self._duration.labels(self.name, "stream").observe(time.perf_counter() - started)
            self._requests.labels(self.name, "stream", status).inc()

    @contextmanager
    def _guarded(self, started: float) -> Iterator[None]:
        """Ask the breaker first, and tell it what became of the request; nothing where there is none."""
        breaker = self._breaker
        if breaker is None:
            yield
            return
        breaker.admit()
        try:
            yield
        except (AnswerTooLargeError, KubernetesStatusError):
            breaker.answered(time.perf_counter() - started)
            raise
        except (UnavailableError, DeadlineExceededError, OutcomeUnknownError) as error:
            breaker.failed(reason_of(error, self.name), error.code)
            raise
        except (aiohttp.ClientError, OSError) as error:  # of a stream, whose errors are translated further out
            breaker.failed(why_away(error), "cluster_unavailable")
            raise
        breaker.answered(time.perf_counter() - started)

    async def _lines(
        self, response: aiohttp.ClientResponse, outgoing: _Outgoing, longest_bytes: int
    ) -> AsyncGenerator[bytes]:
        rest = b""
        async with self._errors(outgoing, Progress(sent=True)):
            async for chunk in response.content.iter_any():
                self._traffic.received.count += len(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > longest_bytes:
                    yield rest
                    rest = b""
        if rest:
            yield rest

    async def _answered(self, outgoing: _Outgoing, timeout_s: float) -> Answer:
        deadline = time.monotonic() + timeout_s
        renewed = repeated = False
        while True:
            progress = Progress(sent=not outgoing.changes)
            try:
                proof = await self._credentials.proof(renew=renewed)
                remaining_s = max(0.001, deadline - time.monotonic())
                timeout = aiohttp.ClientTimeout(total=remaining_s, sock_connect=min(CONNECT_TIMEOUT_S, remaining_s))
                try:
                    response = await self._send(outgoing, proof, timeout, progress)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
                    # A kept connection that the other side had closed; nothing was read from it.
                    if outgoing.changes or repeated or isinstance(exc, aiohttp.ClientConnectorError):
                        raise
                    repeated = True
                    continue
                try:
                    content = await self._read(response)
                except AnswerTooLargeError as error:
                    if outgoing.changes:
                        raise self._told.lost() from error
                    raise
                finally:
                    response.release()
            except (aiohttp.ClientError, OSError) as exc:
                raise self._told.of(exc, changes=outgoing.changes, sent=progress.sent) from exc
            if response.status == 401 and not renewed and not outgoing.changes:
                # A token that has just expired.
                renewed = True
                continue
            if response.status >= 300:
                raise self._refused(response, content)
            return Answer(response.status, response.headers, content)

    async def _send(
        self, outgoing: _Outgoing, proof: Proof, limits: aiohttp.ClientTimeout, progress: Progress
    ) -> aiohttp.ClientResponse:
        self.check(outgoing.identity, outgoing.method, outgoing.path, changes=outgoing.changes)
        headers: CIMultiDict[str] = CIMultiDict()
        self._tracing.inject(headers)
        if outgoing.body is not None:
            headers["Content-Type"] = outgoing.content_type
        for name, value in outgoing.headers:
            if name.lower().startswith("impersonate-") or name.lower() == "authorization":
                raise ForbiddenError("An identity is never given as a header.", code="identity_refused")
            headers.add(name, value)
        headers["Accept"] = outgoing.accept
        if proof.authorization:
            headers["Authorization"] = proof.authorization
        if isinstance(outgoing.identity, Impersonation):
            headers["Impersonate-User"] = outgoing.identity.user
            for group in outgoing.identity.groups:
                headers.add("Impersonate-Group", group)
        return await self._sessions.of(changes=outgoing.changes).request(
            outgoing.method,
            self._url(outgoing),
            data=outgoing.body,
            headers=headers,
            timeout=limits,
            allow_redirects=False,
            ssl=proof.tls if proof.tls is not None else True,
            server_hostname=self.config.server_name or None,
            proxy=self.config.proxy or None,
            trace_request_ctx=progress,
        )

    def check(self, identity: Impersonation | Itself, method: str, path: str, *, changes: bool = False) -> None:
        """Whether this may be sent in this name: every request passes it, and what answers instead of one asks it.

        Raises:
            ForbiddenError: it may not.
        """
        if not isinstance(identity, Impersonation):
            if method not in _SAFE_METHODS:
                raise ForbiddenError("Nothing is changed but in a person's name.", code="identity_refused")
            return
        if self._admit is not None:
            self._admit(identity)
        if identity.limits is not None:
            identity.limits.check(self.name, method, path, changes=changes)

    def _url(self, outgoing: _Outgoing) -> URL:
        return _url(str(self._base), outgoing.path, outgoing.query)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > LARGEST_ANSWER_BYTES:
                response.close()
                raise AnswerTooLargeError(
                    f"The answer of {self.name} is over {LARGEST_ANSWER_BYTES // 2**20} MiB; ask for less of it, by"
                    " namespace, label or name."
                )
            chunks.append(chunk)
        return b"".join(chunks)

    def _refused(self, response: aiohttp.ClientResponse, content: bytes) -> KubernetesStatusError:
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = None
        return status_error(self.name, response.status, body, response.headers.get("Retry-After"))

    @asynccontextmanager
    async def _errors(self, outgoing: _Outgoing, progress: Progress) -> AsyncIterator[None]:
        """Translate the library's exceptions; whether a connection was had decides what may have happened."""
        try:
            yield
        except (aiohttp.ClientError, OSError) as exc:
            raise self._told.of(exc, changes=outgoing.changes, sent=progress.sent) from exc

    def _span(self, method: str, path: str) -> Any:
        return self._tracing.span(
            f"kubernetes {method}",
            kind=SpanKind.CLIENT,
            attributes={
                **http_request(method, f"{self._origin}{path}", self._server),
                "k8s.cluster.name": self.name,
            },
        )


@dataclass(frozen=True, slots=True)
class _Outgoing:
    method: str
    path: str
    identity: Impersonation | Itself
    query: tuple[tuple[str, str], ...]
    body: bytes | None
    content_type: str
    accept: str
    headers: tuple[tuple[str, str], ...]
    changes: bool


@lru_cache(maxsize=KEPT_URLS)
def _url(base: str, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    url = URL(f"{base}{path}", encoded=True)
    return url.with_query(list(query)) if query else url


@lru_cache(maxsize=KEPT_URLS)
def path_of(*segments: str) -> str:
    """An absolute path of these segments, each quoted, so that no name can leave its place."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)

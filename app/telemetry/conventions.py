"""What spans say of a request, in the words of OpenTelemetry's semantic conventions (stable since 1.23 for HTTP)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from opentelemetry.trace import Span
from opentelemetry.util.types import AttributeValue

Attributes = dict[str, AttributeValue]
_PORTS: Final = {"http": 80, "https": 443}


def server_of(url: str) -> Attributes:
    """Who is asked, from a base URL."""
    parts = urlsplit(url)
    return {"server.address": parts.hostname or "", "server.port": parts.port or _PORTS.get(parts.scheme, 0)}


def http_request(method: str, url: str, server: Attributes) -> Attributes:
    """An outgoing request; its query is left out, which may hold what people typed."""
    return {"http.request.method": method, "url.full": url, **server}


def http_answered(span: Span, status: int, failed_from: int = 400) -> None:
    """Add an answer's status to its request's span, and the error that it is, if it is one."""
    span.set_attribute("http.response.status_code", status)
    if status >= failed_from:
        span.set_attribute("error.type", str(status))

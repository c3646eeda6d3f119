"""A request as the handlers see it, and what they answer with.

Knows ASGI's types, and nothing of Kubernetes' objects.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
import yaml

from app.demo.access.identity import ANONYMOUS, User
from app.demo.protobuf.decode import MEDIA_TYPE, decode
from app.demo.status import StatusError, bad_request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON: Final = "application/json"
MAX_BODY_BYTES: Final = 3 * 2**20  # kube-apiserver's --max-request-bytes


class _KubernetesLoader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: what looks like a date stays text."""


_KubernetesLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in entries if tag != "tag:yaml.org,2002:timestamp"]
    for first, entries in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(slots=True)
class Request:
    """One request to a cluster.

    Attributes:
        method: in capitals.
        path: without the cluster's prefix.
        prefix: the cluster's prefix.
        query: decoded, every value of each name.
        headers: names in lower case; of repeated ones the last.
        body: complete.
        audit_id: the request's id.
        user: who asks.
    """

    method: str
    path: str
    prefix: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    audit_id: str
    user: User = ANONYMOUS

    def param(self, name: str) -> str:
        """The first value of a query parameter, empty when it is missing."""
        return self.query.get(name, [""])[0]

    def flag(self, name: str) -> bool:
        """Whether a query parameter means yes."""
        return name in self.query and self.param(name).lower() in {"", "true", "1", "t"}

    def number(self, name: str) -> int | None:
        """A query parameter that is a whole number; None when it is missing.

        Raises:
            StatusError: 400 for anything else.
        """
        text = self.param(name)
        if not text:
            return None
        if not text.lstrip("-").isdigit():
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
        return int(text)

    @property
    def media_type(self) -> str:
        """The body's type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def decoded(self, expected: str) -> Any:
        """The body, decoded from JSON, YAML or Kubernetes' protobuf.

        Args:
            expected: the kind that is expected, for the error.

        Raises:
            StatusError: 400 for what cannot be read.
        """
        if not self.body:
            return {}
        if self.media_type == MEDIA_TYPE:
            return decode(self.body)
        if "yaml" in self.media_type:
            return self._yaml()
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            text = self.body[:200].decode("utf-8", "replace")
            raise bad_request(
                f"the object provided is unrecognized (must be of type {expected}): couldn't get version/kind; json "
                f"parse error: {_go_words(self.body)} ({text})"
            ) from exc

    def _yaml(self) -> Any:
        try:
            return yaml.load(self.body, Loader=_KubernetesLoader)  # noqa: S506 - the loader is a safe one
        except (yaml.YAMLError, ValueError) as exc:
            raise bad_request("error decoding YAML: the document cannot be read") from exc


def _go_words(body: bytes) -> str:
    text = body.decode("utf-8", "replace").lstrip()
    if text.startswith("{") and len(text) > 1 and text[1] not in '"} \n\t':
        return f"invalid character '{text[1]}' looking for beginning of object key string"
    if text and text[0] not in '{["-0123456789tfn':
        return f"invalid character '{text[0]}' looking for beginning of value"
    return "unexpected end of JSON input"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response.

    Attributes:
        status: HTTP status.
        body: JSON value, or bytes as they are.
        content_type: of the body.
        headers: others.
    """

    status: int
    body: Any
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        if self.content_type == "application/yaml":
            text: str = yaml.dump(self.body, Dumper=yaml.CSafeDumper, sort_keys=True)
            return text.encode()
        return orjson.dumps(self.body) + b"\n"


@dataclass(frozen=True, slots=True)
class Stream:
    """A response that goes on.

    Attributes:
        chunks: what to send; it is closed when the client goes away.
        content_type: of the whole.
    """

    chunks: AsyncIterator[bytes]
    content_type: str = JSON


def status_answer(error: StatusError) -> Answer:
    """The response that an error is."""
    return Answer(error.code, error.body, headers=error.headers)


def query_of(scope: Scope) -> dict[str, list[str]]:
    """The decoded query of a request."""
    return parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)

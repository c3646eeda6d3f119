"""The command line's connection to a gateway: a token from `kubechat login`, kept in a file only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from app.errors import KubeChatError, NotSignedInError, UnavailableError
from app.stack.layout import Layout
from app.stack.record import StackRecord
from app.stack.settings import StackSettings

TIMEOUT_S = 60.0


class RefusedError(KubeChatError):
    """What the gateway answered, in its own words.

    Attributes:
        said: the words without the request's id.
    """

    said: str = ""


def token_file() -> Path:
    """Where the token is kept."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "kubechat" / "token.json"


def local_url() -> str | None:
    """The gateway of the stack that this machine's state directory describes, or None."""
    record = StackRecord.read(Layout(StackSettings.read().state).record)
    return None if record is None else record.url


def local_prometheus() -> str | None:
    """The Prometheus of the stack that this machine's state directory describes, or None."""
    record = StackRecord.read(Layout(StackSettings.read().state).record)
    return None if record is None else record.prometheus or None


def login(url: str, user: str, password: str) -> str:
    """Exchange a password for a token and keep it; returns when it expires.

    Raises:
        RefusedError: wrong credentials.
        UnavailableError: the gateway does not answer.
    """
    body = {"user": user, "password": password, "name": f"kubechat on {os.uname().nodename}"}
    answer = _send(url, "POST", "/api/v1/tokens", body, headers={})
    path = token_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"url": url, "token": answer["token"]}, file)
    return str(answer["expires_at"])


def _kept() -> dict[str, str]:
    """The gateway's address and the token that `login` kept."""
    try:
        return dict(json.loads(token_file().read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as exc:
        raise NotSignedInError("Run `kubechat login` first.") from exc


def follow(method: str, path: str, body: Any) -> Iterator[dict[str, Any]]:
    """One request as the person who logged in whose answer comes line by line; each line's decoded object.

    Raises:
        NotSignedInError: nobody has logged in here.
        RefusedError: what the gateway says.
        UnavailableError: it does not answer, or the answer broke.
    """
    kept = _kept()
    headers = {"authorization": f"Bearer {kept['token']}"}
    limits = httpx2.Timeout(TIMEOUT_S, read=None)  # nothing may happen for as long as it likes
    try:
        with httpx2.stream(
            method, f"{kept['url'].rstrip('/')}{path}", json=body, headers=headers, timeout=limits, trust_env=False
        ) as reply:
            if reply.status_code >= 400:
                reply.read()
                raise _refused(reply, kept["url"])
            for line in reply.iter_lines():
                if line.strip():
                    yield json.loads(line)
    except (httpx2.HTTPError, json.JSONDecodeError) as exc:
        raise UnavailableError(f"The answer of KubeChat at {kept['url']} ended early.") from exc


def call(method: str, path: str, body: Any = None) -> Any:
    """One request as the person who logged in; returns the decoded answer.

    Raises:
        NotSignedInError: nobody has logged in here.
        RefusedError: what the gateway says.
        UnavailableError: it does not answer.
    """
    kept = _kept()
    return _send(kept["url"], method, path, body, headers={"authorization": f"Bearer {kept['token']}"})


def _send(url: str, method: str, path: str, body: Any, *, headers: dict[str, str]) -> Any:
    try:
        reply = httpx2.request(
            method, f"{url.rstrip('/')}{path}", json=body, headers=headers, timeout=TIMEOUT_S, trust_env=False
        )
    except httpx2.HTTPError as exc:
        raise UnavailableError(f"KubeChat does not answer at {url}.") from exc
    if reply.status_code < 400:
        return reply.json() if reply.content else None
    raise _refused(reply, url)


def _refused(reply: httpx2.Response, url: str) -> KubeChatError:
    """What the gateway answered in place of a result."""
    try:
        error = reply.json()["error"]
        refused = RefusedError(f"{error['message']} (request {error['request_id']})", code=error["code"])
        refused.said = str(error["message"])
    except (json.JSONDecodeError, KeyError, TypeError):
        return UnavailableError(f"What answers at {url} is not KubeChat.")
    return refused

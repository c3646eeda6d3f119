"""Exchanges recorded from a real API server, and where an answer differs from one of them.

Holds the one list of fields that differ between any two servers. What the demo clusters do otherwise is listed, with
reasons, beside the test that replays the recordings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "unit" / "demo" / "recordings"
HEADERS = ("Content-Type", "Warning", "Retry-After", "X-Content-Type-Options", "Cache-Control", "Vary")
# Different on every server, so that only their presence and their form are compared.
VOLATILE = {
    "uid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "resourceVersion": re.compile(r"[0-9]+"),
    "creationTimestamp": re.compile(r"[0-9-]{10}T[0-9:.]+Z"),
    "deletionTimestamp": re.compile(r"[0-9-]{10}T[0-9:.]+Z"),
    "time": re.compile(r"[0-9-]{10}T[0-9:.]+Z"),
    "clusterIP": re.compile(r"[0-9]+(\.[0-9]+){3}"),
    "clusterIPs": re.compile(r"[0-9]+(\.[0-9]+){3}"),
    "serverAddress": re.compile(r".*"),
    "serverRelativeURL": re.compile(r".*\?hash=[0-9A-F]+"),
}
# The API server collects these from maps.
_UNORDERED = ("/resourceRules", "/nonResourceRules")
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Recording:
    """One exchange."""

    name: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def method(self) -> str:
        return str(self.request["method"])

    @property
    def path(self) -> str:
        return str(self.request["path"])

    @property
    def accept(self) -> str:
        return self._header("accept")

    @property
    def content_type(self) -> str:
        return self._header("content-type")

    @property
    def content(self) -> bytes | None:
        """The body as it was sent."""
        body = self.request["body"]
        if body is None:
            return None
        return body.encode() if isinstance(body, str) else json.dumps(body).encode()

    @property
    def impersonation(self) -> list[tuple[str, str]]:
        headers = [(name.lower(), value) for name, value in self.request["headers"].items()]
        return [(name, value) for name, value in headers if name.startswith("impersonate-")]

    @property
    def token(self) -> str:
        """The bearer token that was sent; empty for a client certificate and for nobody."""
        return self._header("authorization").removeprefix("Bearer ")

    @property
    def anonymous(self) -> bool:
        return not self.token and "client certificate (" not in self.request["auth"]

    @property
    def status(self) -> int:
        return int(self.response["status"])

    @property
    def body(self) -> Any:
        return self.response.get("body")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of a watch."""
        return list(self.response.get("body_lines") or [])

    @property
    def is_watch(self) -> bool:
        return "body_lines" in self.response

    @property
    def headers(self) -> dict[str, str]:
        return {name: value for name, value in self.response["headers"].items() if name in HEADERS}

    @cached_property
    def moment(self) -> datetime:
        """When it was answered."""
        return parsedate_to_datetime(self.response["headers"]["Date"])

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The complete objects in the answer, each with its kind."""
        body = self.body
        if not str(body["kind"]).endswith("List"):
            return [body]
        kind = {"kind": body["kind"].removesuffix("List"), "apiVersion": body["apiVersion"]}
        return [{**kind, **item} for item in body["items"]]

    def _header(self, wanted: str) -> str:
        headers = self.request["headers"]
        return next((str(value) for name, value in headers.items() if name.lower() == wanted), "")


def recording(name: str) -> Recording:
    found = json.loads((FOLDER / f"{name}.json").read_text())
    return Recording(name, found["request"], found["response"])


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def differences(here: Any, there: Any, path: str = "") -> list[str]:
    """The paths at which two answers differ; lists of named things are compared by name."""
    if isinstance(here, dict) and isinstance(there, dict):
        found: list[str] = []
        for key in sorted(here.keys() | there.keys()):
            below = f"{path}/{key}"
            if key not in here:
                found.append(f"{below} is missing")
            elif key not in there:
                found.append(f"{below} is too much")
            elif not (key in VOLATILE and _volatile(key, here[key]) and _volatile(key, there[key])):
                found += differences(here[key], there[key], below)
        return found
    if isinstance(here, list) and isinstance(there, list):
        return _lists(here, there, path)
    if isinstance(here, str) and isinstance(there, str):
        here, there = _UID.sub("<uid>", here), _UID.sub("<uid>", there)
    if type(here) is not type(there) or here != there:
        return [f"{path} is {_short(here)}, not {_short(there)}"]
    return []


def _lists(here: list[Any], there: list[Any], path: str) -> list[str]:
    if path.endswith(_UNORDERED):
        here, there = sorted(here, key=json.dumps), sorted(there, key=json.dumps)
    ours, theirs = [_name(item) for item in here], [_name(item) for item in there]
    if "" in {*ours, *theirs} or len(set(ours)) < len(ours) or len(set(theirs)) < len(theirs):
        if len(here) != len(there):
            return [f"{path} has {len(here)} entries, not {len(there)}"]
        return [
            each for at, pair in enumerate(zip(here, there, strict=True)) for each in differences(*pair, f"{path}/{at}")
        ]
    found = differences(dict(zip(ours, here, strict=True)), dict(zip(theirs, there, strict=True)), path)
    if [name for name in ours if name in theirs] != [name for name in theirs if name in ours]:
        found.append(f"{path} has another order")
    return found


def _name(item: Any) -> str:
    """What a thing in a list is called."""
    if not isinstance(item, dict):
        return ""
    if item.get("type") in {"ADDED", "MODIFIED", "DELETED"}:
        return ""
    place = item.get("metadata") or (item.get("object") or {}).get("metadata") or {}
    version = item.get("version") if "resources" in item else ""
    name = item.get("name") or item.get("resource") or item.get("subresource") or version or place.get("name") or ""
    return str(name).replace("/", "~") if "apiGroup" not in item else ""


def _volatile(key: str, value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 1 and _volatile(key, value[0])
    return isinstance(value, str) and VOLATILE[key].fullmatch(value) is not None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else f"{text[:300]}…"

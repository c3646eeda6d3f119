"""`kubechat cache` shows what is cached, and clears one cache or all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import connection, main

CACHES = [
    {"name": "resource_types", "ttl_seconds": 600.0, "entries": 3, "bytes": 2_097_152},
    {"name": "vocabularies", "ttl_seconds": 30.0, "entries": 12, "bytes": 40_000},
]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What the gateway was sent; it answers as it does."""
    kept: list[tuple[str, str, Any]] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        kept.append((method, path, body))
        return {"caches": CACHES} if method == "GET" else {"cleared": [body["name"]] if body["name"] else ["a", "b"]}

    monkeypatch.setattr(connection, "call", call)
    return kept


def cache(*args: str) -> Result:
    return CliRunner().invoke(main.build(), ["cache", *args], env={"COLUMNS": "80", "TERM": "dumb"})


def test_the_list_shows_what_each_holds_and_for_how_long(sent: list[Any]) -> None:
    lines = [line.split() for line in cache("list").stdout.splitlines()]
    assert lines[1:] == [
        ["resource_types", "3", "2,048", "KiB", "600", "s"],
        ["vocabularies", "12", "39", "KiB", "30", "s"],
    ]
    assert json.loads(cache("list", "--json").stdout) == CACHES
    assert sent == [("GET", "/api/v1/caches", None)] * 2


def test_one_cache_is_cleared_or_all_are(sent: list[Any]) -> None:
    assert cache("clear", "vocabularies").stdout == "Cleared: vocabularies.\n"
    assert cache("clear").stdout == "Cleared: a, b.\n"
    assert json.loads(cache("clear", "--json").stdout) == ["a", "b"]
    assert sent == [("POST", "/api/v1/caches/clear", {"name": name}) for name in ("vocabularies", None, None)]


def test_wrong_usage_ends_with_two_and_nothing_is_sent(sent: list[Any]) -> None:
    for args in ((), ("clear", "one", "two"), ("list", "one")):
        assert cache(*args).exit_code == 2
    assert sent == []

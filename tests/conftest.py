"""Fixtures that several tests share: the local stack, started once for the run, and someone signed in to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.api_server import chosen
from tests.support.chat import Person
from tests.support.stack import LocalStack
from tests.support.trace_collector import TraceCollector

LONGEST_ID = 200


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the one running stack go to one worker, which is told before the groups are read."""
    for item in items:
        if item.get_closest_marker("stack"):
            item.add_marker(pytest.mark.xdist_group("stack"))
        elif item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_make_parametrize_id(val: object) -> str | None:
    """A name that can be read, for a test of a text that is long."""
    return f"{val[:60]}... of {len(val)}" if isinstance(val, str) and len(val) > LONGEST_ID else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say against which API server the contract tests ran or would have run."""
    terminalreporter.write_line(f"Kubernetes API of the contract tests: {chosen(os.environ).sentence}")


@pytest.fixture(scope="session")
def collector() -> Iterator[TraceCollector]:
    """Where the stack under test sends its traces."""
    listening = TraceCollector()
    yield listening
    listening.close()


@pytest.fixture(scope="session")
def stack(collector: TraceCollector) -> Iterator[LocalStack]:
    running = LocalStack(otlp_endpoint=collector.url)
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture
def admin(stack: LocalStack) -> Iterator[Person]:
    with Person(stack.url, *stack.admin) as person:
        yield person


@pytest.fixture
def someone(admin: Person) -> Iterator[Callable[[str], Person]]:
    """Makes new people with a role, signed in."""
    with ExitStack() as people:

        def make(role: str) -> Person:
            name, password = f"{role}-{uuid4().hex[:8]}", uuid4().hex
            reply = admin.http.post("/api/v1/users", json={"name": name, "role": role, "password": password})
            assert reply.status_code == 201, reply.text
            return people.enter_context(Person(admin.url, name, password))

        yield make

"""Fixtures that several tests share: the local stack, started once for the run, and someone signed in to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.chat import Person
from tests.support.stack import LocalStack

PORT = 21080
PORT_BASE = 21100


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    running = LocalStack(PORT, PORT_BASE)
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture
def admin(stack: LocalStack) -> Iterator[Person]:
    person = Person(stack.url, *stack.admin)
    yield person
    person.close()

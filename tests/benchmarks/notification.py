"""How long it takes from a fault to the person who is told of it in the web chat, beside what the rule itself waits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from alerts.reachability import SERVICE_DOWN, SERVICE_DOWN_FOR_S
from tests.benchmarks.row import Row
from tests.support.chat import Chat, Person
from tests.support.stack import LocalStack

ROUNDS = 4
WITHIN_S = 30.0
_GIVEN_UP_S = 120.0


def fault_to_person() -> Iterator[Row]:
    """A service that is stopped, again and again, and somebody who has the web chat open."""
    stack = LocalStack()
    took = []
    try:
        stack.up()
        with Person(stack.url, *stack.admin) as person, person.chat() as chat:
            for _ in range(ROUNDS):
                began = time.monotonic()
                stack.command("stop", "nlp-1")
                try:
                    _wait_for(chat, "firing")
                    took.append(time.monotonic() - began - SERVICE_DOWN_FOR_S)
                finally:
                    stack.command("start", "nlp-1")
                _wait_for(chat, "resolved")
    finally:
        stack.down()
    yield Row(
        "from a fault to the web chat, beside the rule's own wait",
        statistics.median(took),
        "s",
        f"{WITHIN_S:g} s",
        max(took) / WITHIN_S,
        "<= 1",
        note=(
            f"The only replica of the language service is told to stop, {ROUNDS} times; from the order to the card, less "
            f"the {SERVICE_DOWN_FOR_S:g} s of {SERVICE_DOWN}. The value is the median, the ratio that of the slowest."
        ),
    )


def _wait_for(chat: Chat, state: str) -> None:
    until = time.monotonic() + _GIVEN_UP_S
    while time.monotonic() < until:
        event = chat.receive(_GIVEN_UP_S)
        if event["type"] == "alert" and (event["alert"]["name"], event["alert"]["state"]) == (SERVICE_DOWN, state):
            return
    raise AssertionError(f"nobody was told that {SERVICE_DOWN} is {state}")

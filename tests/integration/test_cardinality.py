"""Whatever people send, the number of series stays what it is: no label takes a value that somebody made up."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx2
import pytest

from tests.support.chat import Person
from tests.support.stack import LocalStack

pytestmark = pytest.mark.stack

MADE_UP = "zqxv"  # in every name that is sent, and in nothing else
REQUESTS = 200
# What a replica may not have met the first time, such as a job of its own; far less than what was sent.
FEW = 60


def pages(stack: LocalStack) -> dict[str, str]:
    """What each of our processes exports."""
    found = {}
    for target in httpx2.get(f"{stack.prometheus_url}/api/v1/targets", trust_env=False).json()["data"]["activeTargets"]:
        if target["labels"]["job"] not in {"prometheus", "alertmanager"}:
            found[target["scrapeUrl"]] = httpx2.get(target["scrapeUrl"], timeout=20, trust_env=False).text
    return found


def series(page: str) -> set[str]:
    return {line.partition(" # ")[0].rpartition(" ")[0] for line in page.splitlines() if not line.startswith("#")}


@pytest.mark.full
def test_a_flood_of_made_up_paths_names_and_people_makes_no_series(stack: LocalStack, admin: Person) -> None:
    flood(stack, admin, f"{MADE_UP}a")  # what happens for the first time makes its series here
    before = pages(stack)
    flood(stack, admin, f"{MADE_UP}b")
    after = pages(stack)
    assert after.keys() == before.keys()
    for url, page in after.items():
        assert MADE_UP not in page.lower(), [line for line in page.splitlines() if MADE_UP in line.lower()][:3]
        new = series(page) - series(before[url])
        assert len(new) <= FEW, (url, len(new), sorted(new)[:20])


def flood(stack: LocalStack, admin: Person, made_up: str) -> None:
    number = itertools.count()

    def ask(_: int) -> None:
        word = f"{made_up}{next(number)}"
        with suppress(httpx2.HTTPError):
            admin.http.get(f"/{word}/{word}")
            admin.http.get(f"/api/v1/chat-sessions/{word}/messages", params={word: word})
            admin.http.request(word.upper(), "/api/v1/me")
            admin.http.get("/api/v1/me", headers={"user-agent": word, "x-request-id": word, "traceparent": word})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(REQUESTS)))
    for person in range(5):  # a password is as slow to check as it is meant to be
        word = f"{made_up}{person}"
        said = {"user": word, "password": word}
        httpx2.post(
            f"{stack.url}/api/v1/sign-in", json=said, headers={"origin": stack.url}, timeout=30, trust_env=False
        )
    with admin.chat() as chat:
        for turn in range(8):
            word = f"{made_up}-{turn}"
            for text in (
                f"kubectl get {word} {word} -n {word}",
                f"kubectl --context {word} get pods",
                f"kubectl get pods -l app={word} -n shop",
                f"show me the pods of {word} in {word}",
            ):
                chat.say(text)

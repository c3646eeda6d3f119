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
REQUESTS = 400
# Statuses, codes and operations that nobody met before: each a known one, and far fewer than what was sent.
FEW = 150


def pages(stack: LocalStack) -> dict[str, str]:
    """What each of our processes exports."""
    found = {}
    for target in httpx2.get(f"{stack.prometheus_url}/api/v1/targets", trust_env=False).json()["data"]["activeTargets"]:
        if target["labels"]["job"] not in {"prometheus", "alertmanager"}:
            found[target["scrapeUrl"]] = httpx2.get(target["scrapeUrl"], timeout=20, trust_env=False).text
    return found


def series(page: str) -> set[str]:
    return {line.partition(" # ")[0].rpartition(" ")[0] for line in page.splitlines() if not line.startswith("#")}


def test_a_flood_of_made_up_paths_names_and_people_makes_no_series(stack: LocalStack, admin: Person) -> None:
    before = pages(stack)
    number = itertools.count()

    def flood(_: int) -> None:
        word = f"{MADE_UP}{next(number)}"
        with suppress(httpx2.HTTPError):
            admin.http.get(f"/{word}/{word}")
            admin.http.get(f"/api/v1/chat-sessions/{word}/messages", params={word: word})
            admin.http.request(word.upper(), "/api/v1/me")
            admin.http.get("/api/v1/me", headers={"user-agent": word, "x-request-id": word, "traceparent": word})
            httpx2.post(
                f"{stack.url}/api/v1/sign-in",
                json={"user": word, "password": word},
                headers={"origin": stack.url},
                trust_env=False,
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flood, range(REQUESTS)))
    with admin.chat() as chat:
        for turn in range(15):
            word = f"{MADE_UP}-{turn}"
            for text in (
                f"kubectl get {word} {word} -n {word}",
                f"kubectl --context {word} get pods",
                f"kubectl get pods -l app={word} -n shop",
                f"show me the pods of {word} in {word}",
            ):
                chat.say(text)
    after = pages(stack)
    for url, page in after.items():
        assert MADE_UP not in page.lower(), [line for line in page.splitlines() if MADE_UP in line.lower()][:3]
        new = series(page) - series(before.get(url, page))
        assert len(new) <= FEW, (url, len(new), sorted(new)[:20])

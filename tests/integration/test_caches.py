"""Caches of a running gateway: filled by use, seen and cleared by an administrator, and on record."""

from __future__ import annotations

import pytest

from tests.support.chat import Person, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack


def test_names_are_cached_by_use_and_cleared_by_an_administrator_who_is_on_record(
    stack: LocalStack, admin: Person
) -> None:
    def entries(name: str) -> float:
        """Of all replicas together: the chat is on one of them, and a request may reach another."""
        return stack.gateway_counter(f'kubechat_cache_entries{{cache="{name}"}}')

    def cleared_on() -> float:
        """On how many replicas the caches were cleared; what is loaded ahead may fill them again at once."""
        sources = ("administrator", "other_replica")
        return sum(stack.gateway_counter(f'kubechat_cache_invalidations_total{{source="{each}"}}') for each in sources)

    def dropped() -> float:
        return stack.gateway_counter('kubechat_cache_evictions_total{cache="resource_types",reason="invalidated"}')

    with admin.chat() as chat:
        only(chat.say("show me the pods"), "table")
        assert entries("vocabularies") > 0
        assert entries("resource_types") > 0
        listed = {each["name"] for each in admin.http.get("/api/v1/caches").json()["caches"]}
        assert {"vocabularies", "resource_types"} <= listed
        cleared_before, dropped_before = cleared_on(), dropped()
        cleared = admin.http.post("/api/v1/caches/clear", json={"name": "resource_types"})
        assert cleared.json() == {"cleared": ["resource_types"]}
        replicas = len(stack.replicas("gateway"))
        wait_for("every replica to have cleared it", lambda: cleared_on() == cleared_before + replicas)
        assert dropped() > dropped_before
        events = admin.http.get("/api/v1/audit/events", params={"verb": "clear cache"}).json()["events"]
        assert (events[0]["user_name"], events[0]["name"]) == ("admin", "resource_types")
        only(chat.say("show me the pods"), "table")
    assert entries("resource_types") > 0
    assert stack.gateway_counter('kubechat_cache_invalidations_total{source="missed"}') == 0

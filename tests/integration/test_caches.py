"""Caches of a running gateway: filled by use, seen and cleared by an administrator, and on record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chat import Person, only
from tests.support.stack import LocalStack

pytestmark = pytest.mark.stack


def test_names_are_cached_by_use_and_cleared_by_an_administrator_who_is_on_record(
    stack: LocalStack, admin: Person
) -> None:
    def held() -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in admin.http.get("/api/v1/caches").json()["caches"]}

    with admin.chat() as chat:
        only(chat.say("show me the pods"), "table")
        assert held()["vocabularies"]["entries"] > 0
        assert held()["resource_types"]["bytes"] > 0
        cleared = admin.http.post("/api/v1/caches/clear", json={"name": "resource_types"})
        assert cleared.json() == {"cleared": ["resource_types"]}
        assert held()["resource_types"]["entries"] == 0
        events = admin.http.get("/api/v1/audit/events", params={"verb": "clear cache"}).json()["events"]
        assert (events[0]["user_name"], events[0]["name"]) == ("admin", "resource_types")
        only(chat.say("show me the pods"), "table")
    assert held()["resource_types"]["entries"] > 0
    assert stack.gateway_counter('kubechat_cache_invalidations_total{source="missed"}') == 0

"""The page of clusters: what it says of one that is away, and what stays when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.webchat.conftest import Chat

pytestmark = pytest.mark.browser
GOOD = {"name": "prod-eu", "version": "v1.32.4", "state": "ready", "reason": "", "namespaces": ["shop"]}
GOOD |= {"answered_at": "2026-11-25T14:00:00Z", "latency_s": 0.0061, "breaker": "closed", "next_try_s": 0.0}
AWAY = {"name": "lab", "version": "", "state": "cluster_timeout", "reason": "did not answer within 3 s"}
AWAY |= {"namespaces": [], "answered_at": None, "latency_s": None, "breaker": "open", "next_try_s": 3.2, "added": True}


def test_a_cluster_that_is_away_says_why_and_when_it_is_tried_again_and_hides_no_other(chat: Chat) -> None:
    answer: dict[str, Any] = {"current": "prod-eu", "clusters": [GOOD, AWAY]}
    failing = False

    def clusters(route: Route) -> None:
        if failing:
            error = {"code": "busy", "message": "KubeChat is busy; try again.", "request_id": "r-1", "retryable": True}
            route.fulfill(status=503, json={"error": error})
        else:
            route.fulfill(json=answer)

    chat.page.route("**/api/v1/clusters", clusters)
    chat.page.clock.install()
    chat.page.get_by_role("link", name="Clusters", exact=True).click()
    rows = chat.page.get_by_role("table", name="Clusters").get_by_role("row")
    expect(chat.page.get_by_text("2 clusters, 1 ready")).to_be_visible()
    said = ["prod-eu", "ready", "v1.32.4", "6 ms", "closed"]
    for at, words in enumerate(said[1:]):
        expect(rows.nth(1).get_by_role("cell").nth(at)).to_have_text(words)
    lab = rows.nth(2).get_by_role("cell")
    expect(lab.nth(0)).to_contain_text("timeout")
    expect(lab.nth(0)).to_contain_text("did not answer within 3 s")
    expect(lab.nth(2)).to_have_text("–")
    expect(lab.nth(3)).to_have_text("open, next try in 4 s")
    expect(lab.nth(4)).to_have_text("never")
    expect(chat.button("Remove lab")).to_be_visible()
    expect(chat.button("Remove prod-eu")).to_have_count(0)

    failing = True
    chat.page.clock.run_for(16_000)
    expect(chat.page.get_by_text("KubeChat is busy; try again.")).to_be_visible()
    expect(rows).to_have_count(3)  # what was known stays

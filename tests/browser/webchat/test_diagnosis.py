"""A diagnosis as people meet it: causes by rank, facts on demand, and a fix that is a preview before it is anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_answers import FIX

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_causes_stand_by_rank_with_their_facts_folded_and_a_fix_becomes_a_preview(chat: Chat) -> None:
    chat.say("what is wrong in shop?")
    card = chat.page.get_by_role("region", name="Diagnosis: Found 2 causes in shop on prod-eu.")
    causes = card.get_by_role("list").first.locator("> li")
    expect(causes).to_have_count(2)
    expect(causes.first).to_contain_text("has no tag 2.4.0-canary")
    expect(causes.first).to_contain_text("Because of it: deployment/cart-canary has 0 of 1 replicas available.")
    expect(card).to_contain_text("secrets: you may not list them")
    fact = card.get_by_text("registry.local/shop/cart:2.3.1 runs in this namespace.")
    expect(fact).to_be_hidden()
    card.get_by_text("2 facts").click()
    expect(fact).to_be_visible()
    card.get_by_role("button", name=f"Preview: {FIX}").click()
    expect(chat.preview()).to_be_visible()
    expect(chat.conversation).to_contain_text(FIX)
    assert chat.page.title() != "owned"


def test_a_card_fits_a_narrow_screen(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 740})
    chat.say("what is wrong in shop?")
    expect(chat.conversation).to_contain_text("Not looked at")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 360
    assert chat.conversation.evaluate("box => box.scrollWidth <= box.clientWidth")

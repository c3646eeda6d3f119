"""The preview card: the only place where a change is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.webchat.conftest import Chat

pytestmark = pytest.mark.browser
DESTRUCTIVE = "Preview of a destructive change"


def test_a_change_is_shown_in_full_and_happens_on_confirm(chat: Chat) -> None:
    chat.say("scale web to 5")
    card = chat.preview()
    for words in (
        "kubectl scale deployment/web --replicas=5 -n shop",
        "-  replicas: 3",
        "+  replicas: 5",
        "Production",
    ):
        expect(card).to_contain_text(words)
    expect(card.get_by_role("timer")).to_contain_text("expires in")
    card.get_by_role("button", name="Confirm").click()
    expect(chat.page.get_by_role("region", name="Outcome: Applied")).to_be_visible()
    expect(card).to_contain_text("Confirmed by Ada")
    expect(card.get_by_role("button", name="Confirm")).to_have_count(0)
    (confirmation,) = chat.gateway.of_type("confirm")
    assert confirmation["digest"] == "9f86d081884c7d659a2feaa0c55ad015"
    assert "typed" not in confirmation
    chat.page.reload()
    expect(card).to_contain_text("Applied")


def test_enter_in_the_composer_never_confirms(chat: Chat) -> None:
    chat.say("scale web to 5")
    expect(chat.preview().get_by_role("button", name="Confirm")).to_be_visible()
    expect(chat.message).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    assert chat.gateway.of_type("confirm") == []


def test_a_destructive_change_needs_its_name_typed(chat: Chat) -> None:
    chat.say("delete the cart")
    card = chat.preview(DESTRUCTIVE)
    confirm, name = card.get_by_role("button", name="Confirm"), card.get_by_role("textbox")
    expect(confirm).to_be_disabled()
    for wrong in ("car", "Cart", "cart2"):
        name.fill(wrong)
        name.press("Enter")
        expect(confirm).to_be_disabled()
    assert chat.gateway.of_type("confirm") == []
    name.fill("cart")
    expect(confirm).to_be_enabled()
    name.press("Enter")
    expect(chat.page.get_by_role("region", name="Outcome: Applied")).to_be_visible()
    assert [frame["typed"] for frame in chat.gateway.of_type("confirm")] == ["cart"]


@pytest.mark.full
def test_a_cancelled_change_stays_cancelled(chat: Chat) -> None:
    chat.say("scale web to 5")
    chat.preview().get_by_role("button", name="Cancel").click()
    expect(chat.page.get_by_role("region", name="Outcome: Cancelled")).to_be_visible()
    expect(chat.preview().get_by_role("button")).to_have_count(1)  # copying the command
    assert chat.gateway.of_type("confirm") == []


@pytest.mark.full
def test_an_expired_preview_cannot_be_confirmed(chat: Chat) -> None:
    chat.gateway.preview_lifetime = timedelta(seconds=2)
    chat.say("scale web to 5")
    expect(chat.preview()).to_contain_text("Expired. Nothing was changed")
    expect(chat.preview().get_by_role("button", name="Confirm")).to_have_count(0)


@pytest.mark.full
def test_without_a_connection_nothing_can_be_decided(chat: Chat) -> None:
    chat.say("scale web to 5")
    confirm = chat.preview().get_by_role("button", name="Confirm")
    expect(confirm).to_be_enabled()
    chat.gateway.refuse_connections(refusing=True)
    expect(confirm).to_be_disabled()
    expect(chat.preview()).to_contain_text("No connection")
    chat.gateway.refuse_connections(refusing=False)
    chat.button("Try now").click()
    expect(confirm).to_be_enabled()


@pytest.mark.full
def test_a_connection_that_breaks_after_confirming_leaves_no_second_button_and_the_end_is_told(chat: Chat) -> None:
    chat.gateway.hold_outcomes = True
    chat.say("scale web to 5")
    card = chat.preview()
    card.get_by_role("button", name="Confirm").click()
    expect(card).to_contain_text("Working")
    chat.gateway.refuse_connections(refusing=True)
    expect(card).to_contain_text("Looking up what became of it")
    expect(card.get_by_role("button", name="Confirm")).to_have_count(0)
    (confirmation,) = chat.gateway.of_type("confirm")
    chat.gateway.finish(confirmation["plan"], "unknown", "The cluster's answer was lost.")
    chat.gateway.refuse_connections(refusing=False)
    chat.button("Try now").click()
    expect(chat.page.get_by_role("region", name="Outcome: Unknown")).to_be_visible()
    assert len(chat.gateway.of_type("confirm")) == 1

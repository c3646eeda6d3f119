"""Connections and sessions that end, and alerts that come by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_answers import alert

pytestmark = pytest.mark.browser


def test_what_is_said_without_a_connection_is_sent_once_when_it_is_back(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    chat.page.clock.install()
    chat.page.clock.pause_at(chat.page.evaluate("Date.now()") + 1000)  # nothing is tried again by itself
    chat.gateway.refuse_connections(refusing=True)
    expect(chat.page.get_by_text("No connection to KubeChat")).to_be_visible()
    chat.say("show me the pods")
    expect(chat.conversation).to_contain_text("not sent yet")
    chat.gateway.refuse_connections(refusing=False)
    chat.button("Try now").click()
    chat.page.clock.resume()
    expect(chat.page.get_by_role("cell", name="orders-db-0")).to_be_visible()
    expect(chat.page.get_by_role("table", name="kubectl get pods -n shop")).to_have_count(1)
    assert [frame["text"] for frame in chat.gateway.said()] == ["explain", "show me the pods"]


def test_an_answer_that_was_missed_is_read_after_a_reconnect_and_not_asked_for_again(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    chat.gateway.deaf_answers = True
    chat.say("show me the pods")
    expect(chat.conversation).to_contain_text("Working")
    chat.gateway.deaf_answers = False
    chat.gateway.drop_connections()
    expect(chat.page.get_by_role("cell", name="orders-db-0")).to_be_visible()
    expect(chat.conversation.get_by_text("show me the pods", exact=True)).to_have_count(1)
    assert len(chat.gateway.said()) == 2


def test_a_second_window_shows_what_was_said_in_the_first(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    other = chat.page.context.new_page()
    other.goto(chat.page.url)
    expect(other.get_by_role("log")).to_contain_text("DB_PASSWORD")
    chat.say("scale web to 5")
    expect(other.get_by_role("log")).to_contain_text("scale web to 5")
    other.get_by_role("button", name="Confirm").click()
    expect(chat.page.get_by_role("region", name="Outcome: Applied")).to_be_visible()
    expect(chat.preview().get_by_role("button", name="Confirm")).to_have_count(0)


@pytest.mark.full
def test_a_session_that_ends_leads_to_signing_in_and_keeps_what_was_being_written(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    chat.message.fill("scale web to")
    chat.gateway.end_sessions()
    expect(chat.page.get_by_text("Your session has ended")).to_be_visible()
    chat.sign_in()
    expect(chat.message).to_have_value("scale web to")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")


@pytest.mark.full
def test_signing_out_leaves_nothing_on_the_page(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    chat.button("Sign out").click()
    expect(chat.page.get_by_label("User name")).to_be_visible()
    assert "DB_PASSWORD" not in chat.page.content()
    assert chat.gateway.tokens == set()


@pytest.mark.full
def test_an_alert_gets_a_card_in_the_conversation_and_the_same_card_resolves(chat: Chat) -> None:
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    firing = alert()
    chat.gateway.tell_everyone({"type": "alert", "alert": firing})
    card = chat.conversation.get_by_role("article", name="Alert AuditServiceDown, firing")
    for words in ("Firing", "page", "The audit service does not answer", "changes are refused", "since"):
        expect(card).to_contain_text(words)
    expect(card.get_by_role("link")).to_have_count(1)  # the runbook; a javascript: address is no link
    chat.page.get_by_role("button", name="Alerts, 1 firing").click()
    expect(chat.page.get_by_role("complementary", name="Alerts").get_by_role("article")).to_have_count(1)
    resolved = {**alert("resolved"), "starts_at": firing["starts_at"]}
    chat.gateway.tell_everyone({"type": "alert", "alert": resolved})
    expect(chat.conversation.get_by_role("article", name="Alert AuditServiceDown, resolved")).to_be_visible()
    expect(card).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Alerts, none firing")).to_be_visible()


@pytest.mark.full
def test_a_notice_is_shown_and_language_that_is_away_is_said_as_long_as_it_lasts(chat: Chat) -> None:
    away = {"type": "notice", "level": "warning", "code": "language", "text": "away", "language": False}
    chat.gateway.tell_everyone(away)
    banner = chat.page.get_by_text("Plain words are not understood at the moment.")
    expect(banner).to_be_visible()
    chat.gateway.tell_everyone({**away, "level": "info", "text": "Plain words are back.", "language": True})
    expect(banner).to_have_count(0)
    expect(chat.page.get_by_text("Plain words are back.")).to_be_visible()
    chat.button("Dismiss").click()
    expect(chat.page.get_by_text("Plain words are back.")).to_have_count(0)

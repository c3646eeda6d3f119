"""How long a load took is told once, and only where somebody signed in waited for it."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_gateway import Event

pytestmark = pytest.mark.browser
REPORTED_BY_MS = 1_500  # a report leaves a second after the page is painted; who expects none has to wait for longer
HIDDEN_AT_FIRST = """
let state = "hidden";
Object.defineProperty(document, "visibilityState", { get: () => state });
addEventListener("DOMContentLoaded", () => {
  state = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
});
"""


def _anew(chat: Chat) -> Page:
    """A window of another browser that has the same session and nothing in its cache."""
    browser = chat.page.context.browser
    assert browser is not None
    state: StorageState = chat.page.context.storage_state()
    return browser.new_context(storage_state=state).new_page()


def _reports(chat: Chat, page: Page, count: int) -> list[Event]:
    """The reports once there are so many, and any that would come after them."""
    ends = time.monotonic() + 10
    while len(chat.gateway.loads) < count and time.monotonic() < ends:
        page.wait_for_timeout(50)
    page.wait_for_timeout(REPORTED_BY_MS)
    return chat.gateway.loads


def test_a_load_is_told_once_with_its_time_and_whether_the_cache_was_cold(chat: Chat) -> None:
    page = _anew(chat)
    started = time.monotonic()
    page.goto(chat.url)
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    page.get_by_role("link", name="Audit log").click()
    page.get_by_role("link", name="New chat").click()  # a composer again, and no load
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    longest = time.monotonic() - started
    (cold,) = _reports(chat, page, 1)
    assert cold["cache"] == "cold"
    assert 0 < cold["seconds"] < longest
    assert set(cold) == {"seconds", "cache"}
    usable = page.evaluate("performance.getEntriesByName('kubechat:usable').map(mark => mark.startTime / 1000)")
    assert usable == [pytest.approx(cold["seconds"], abs=0.001)]
    page.reload()
    assert [report["cache"] for report in _reports(chat, page, 2)] == ["cold", "warm"]
    page.context.close()


@pytest.mark.full
def test_a_load_that_ended_with_signing_in_is_not_told(chat: Chat) -> None:
    assert _reports(chat, chat.page, 0) == []
    chat.button("Sign out").click()
    chat.sign_in()
    assert _reports(chat, chat.page, 0) == []


@pytest.mark.full
def test_a_load_that_nobody_looked_at_is_not_told(chat: Chat) -> None:
    page = _anew(chat)
    page.add_init_script(HIDDEN_AT_FIRST)
    page.goto(chat.url)
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    assert page.evaluate("document.visibilityState") == "visible"
    assert _reports(chat, page, 0) == []
    page.context.close()


@pytest.mark.full
def test_a_load_of_another_page_is_not_told_when_the_chat_is_opened_later(chat: Chat) -> None:
    page = _anew(chat)
    page.goto(f"{chat.url}/audit")
    page.get_by_role("link", name="New chat").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    assert _reports(chat, page, 0) == []
    page.context.close()

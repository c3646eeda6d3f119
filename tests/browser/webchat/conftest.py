"""The web chat in Chromium against the scripted gateway: no stack is needed, only the built files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.webchat.scripted_gateway import DIST, PASSWORD, ScriptedGateway, serving


@dataclass
class Chat:
    """The page of someone who uses the web chat, found by what they see."""

    page: Page
    gateway: ScriptedGateway
    url: str

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def conversation(self) -> Locator:
        return self.page.get_by_role("log", name="Conversation")

    def sign_in(self) -> None:
        self.page.get_by_label("User name").fill("admin")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.message).to_be_visible()
        expect(self.page.get_by_text("Connecting…")).to_have_count(0)

    def say(self, text: str) -> None:
        self.message.fill(text)
        self.message.press("Enter")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def preview(self, name: str = "Preview of a change") -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def visitor(page: Page, gateway: ScriptedGateway) -> Iterator[Chat]:
    """Someone on the sign-in page."""
    if not (DIST / "index.html").is_file():
        pytest.fail("The web chat is not built: run `make web` first.")
    with serving(gateway) as url:
        page.goto(url)
        yield Chat(page, gateway, url)


@pytest.fixture
def chat(visitor: Chat) -> Chat:
    """Someone signed in, in a new conversation."""
    visitor.sign_in()
    return visitor

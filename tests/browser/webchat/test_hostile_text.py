"""What a cluster or an answer says is text: nothing of it runs, loads, or reads as something else."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_answers import HOSTILE_CELL
from tests.browser.webchat.scripted_gateway import DIST

pytestmark = pytest.mark.browser
LARGEST_START_BYTES = 60_000  # of JavaScript, compressed: what a first load can afford


def test_markup_and_control_characters_in_cells_are_shown_as_text(chat: Chat) -> None:
    chat.say("show me hostile names")
    cells = chat.page.get_by_role("cell")
    expect(cells.first).to_have_text(HOSTILE_CELL)
    expect(cells.nth(2)).to_have_text("invoice⟨U+202E⟩gnp.exe")
    expect(cells.nth(4)).to_have_text("coloured red")
    expect(chat.conversation).to_contain_text("<b onmouseover=alert(1)>not bold</b>")
    assert chat.conversation.locator("img, script, b").count() == 0
    assert chat.page.title() != "owned"


def test_markdown_loads_nothing_runs_nothing_and_links_only_to_the_web(chat: Chat) -> None:
    complaints: list[str] = []
    chat.page.on("console", lambda line: complaints.append(line.text))
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.say("explain")
    link = chat.conversation.get_by_role("link", name="runbook")
    expect(link).to_have_attribute("href", "https://runbooks.example/payments")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(chat.conversation.get_by_role("link")).to_have_count(1)
    expect(chat.conversation).to_contain_text('<iframe src="/audit">')
    assert chat.conversation.locator("img, iframe, form, script, [style], [onerror]").count() == 0
    assert [url for url in asked if "/audit" in url or not url.startswith(chat.url)] == []
    assert complaints == []
    assert chat.page.title() != "owned"


def test_terminal_codes_in_a_log_are_gone(chat: Chat) -> None:
    chat.say("why is payments-api failing?")
    output = chat.page.get_by_role("group", name=re.compile("^Output of kubectl logs"))
    expect(output).to_contain_text("error database password is missing")
    expect(output).to_contain_text("5 lines, cut off")
    assert "[31m" not in output.inner_text()


@pytest.mark.full
def test_the_page_keeps_the_content_security_policy_and_asks_nobody_else(chat: Chat) -> None:
    complaints: list[str] = []
    chat.page.on("console", lambda line: complaints.append(line.text))
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.reload()
    for text in ("show me many pods", "scale web to 5", "explain"):
        chat.say(text)
    chat.page.get_by_role("link", name="Audit log").first.click()
    expect(chat.page.get_by_role("table", name="Audit events")).to_be_visible()
    assert complaints == []
    assert {url.partition("/api")[0].partition("/assets")[0].rstrip("/") for url in asked} <= {
        chat.url,
        f"{chat.url}/favicon.svg",
    }
    assert chat.page.evaluate("Object.keys(localStorage)") == ["kubechat.theme"]


@pytest.mark.full
def test_what_a_first_load_needs_stays_small() -> None:
    page = (DIST / "index.html").read_text()
    scripts = re.findall(r'<script[^>]*src="/([^"]+)"', page)
    assert sum(len(gzip.compress((DIST / script).read_bytes(), 9)) for script in scripts) < LARGEST_START_BYTES
    assert re.findall(r"<script(?![^>]*src=)|<style|style=|https?://", page) == []

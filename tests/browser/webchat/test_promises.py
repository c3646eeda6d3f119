"""The page of promises: what it shows, how it is searched, and what it does when nobody answers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_promises import ALL, HOSTILE_PROMISE, promises

pytestmark = pytest.mark.browser
SIMPLE = "A chat turn answered by one read"
HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible"), configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def _open(chat: Chat) -> Locator:
    chat.page.get_by_role("link", name="Promises", exact=True).click()
    table = chat.page.get_by_role("table", name="Promises")
    expect(table).to_be_visible()
    return table


def _rows(table: Locator) -> Locator:
    """The rows of promises, each with a button that opens it."""
    return table.get_by_role("row").filter(has=table.page.get_by_role("button"))


def _row(table: Locator, words: str) -> Locator:
    return table.get_by_role("row").filter(has=table.page.get_by_role("button", name=words))


def test_the_page_is_loaded_when_it_is_opened_and_shows_budgets_downtime_and_maintenance(chat: Chat) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    table = _open(chat)
    assert [url for url in asked if url.endswith(".js")] != []  # a part of its own
    expect(chat.page).to_have_url(f"{chat.url}/promises")
    expect(chat.page).to_have_title("Promises · KubeChat")
    expect(_rows(table)).to_have_count(ALL)
    budgets = chat.page.get_by_role("table", name="Error budgets").get_by_role("row")
    expect(budgets).to_have_count(6)
    expect(budgets.nth(1)).to_contain_text("Simple queries are answered within 200 ms")
    expect(budgets.nth(1)).to_contain_text("overspent by 24 %")
    expect(budgets.nth(1).get_by_role("cell", name="spent", exact=True)).to_be_visible()
    expect(budgets.nth(2)).to_contain_text("gateway · job gateway")
    expect(budgets.nth(2)).to_contain_text("75.7 % left")
    expect(budgets.nth(2)).to_contain_text("3 of 123,456")
    expect(budgets.nth(2).get_by_role("cell", name="kept", exact=True)).to_be_visible()
    expect(budgets.nth(4)).to_contain_text("99.999 % over 30 days")
    expect(budgets.nth(5).get_by_role("cell", name="no data", exact=True).first).to_be_visible()
    page = chat.page.get_by_role("main")
    expect(page).to_contain_text("0.343 of 8.77 hours allowed")
    expect(page).to_contain_text("PostgreSQL moves to new disks")
    expect(page.get_by_text("As of")).to_be_visible()


def test_a_row_shows_the_promise_the_live_value_in_its_unit_and_the_verdict_in_words(chat: Chat) -> None:
    table = _open(chat)
    expect(_rows(table).first).to_contain_text(SIMPLE)  # it fails: first of its section
    cells = _row(table, SIMPLE).get_by_role("cell")
    expect(cells).to_have_text(["200 ms, p95", "200.4 ms", "fail", "proved"])
    cells = _row(table, "A change, a diagnosis").get_by_role("cell")
    expect(cells).to_have_text(["2 s, p95", "–", "no data", "proved"])
    cells = _row(table, "With the language service away").get_by_role("cell")
    expect(cells).to_have_text(["–", "–", "not measured", "proved"])
    chat.page.get_by_label("Order").select_option("as in the document")
    expect(_rows(table).first).to_contain_text("A REST request")


@pytest.mark.full
def test_promises_are_filtered_by_text_verdict_and_state(chat: Chat) -> None:
    table = _open(chat)
    said = chat.page.get_by_role("status")
    chat.page.get_by_role("searchbox", name="Text").fill("memory number_21")
    expect(_rows(table)).to_have_count(6)  # 21 and 210 to 214
    expect(said.filter(has_text=f"6 of {ALL} promises match")).to_be_visible()
    chat.page.get_by_label("Verdict").select_option(label="fail (1)")
    expect(table).to_have_count(0)
    chat.button("Show all").click()
    expect(_rows(table)).to_have_count(ALL)
    chat.page.get_by_label("Verdict").select_option("fail")
    expect(_rows(table)).to_have_count(1)
    chat.page.get_by_label("Verdict").select_option("any")
    chat.page.get_by_label("State").select_option("unproved")
    expect(_rows(table)).to_have_count(1)


@pytest.mark.full
def test_a_row_is_opened_by_keyboard_and_says_what_is_behind_the_promise(chat: Chat) -> None:
    table = _open(chat)
    chat.page.get_by_label("Order").focus()
    keyboard = chat.page.keyboard
    keyboard.press("Tab")
    button = table.get_by_role("button", name=SIMPLE)
    expect(button).to_be_focused()
    keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    for words in (
        "performance_sla.response_times.simple_queries",
        "Turns that call a language model are measured apart.",
        "kubechat_turn_duration_seconds",
        "histogram_quantile(0.95",
        "< 200 ms",
        "postgresql work_mem",
        "/d/kubechat-system-overview?viewPanel=1",
        "test_a_simple_query_is_answered_in_time",
    ):
        expect(table).to_contain_text(words)
    runbook = table.get_by_role("link", name="SLOBurnPageFast")
    expect(runbook).to_have_attribute("href", f"{chat.url}/runbooks/SLOBurnPageFast")
    expect(runbook).to_have_attribute("rel", "noopener noreferrer")
    keyboard.press("Enter")
    expect(runbook).to_have_count(0)
    table.get_by_role("button", name="A change, a diagnosis").click()
    expect(table).to_contain_text("a change within the hour")
    table.get_by_role("button", name="PgBouncer takes").click()
    expect(table).to_contain_text("deploy: The manifests of the three sizes are not written yet.")


def test_what_was_measured_stays_while_prometheus_is_away(chat: Chat) -> None:
    chat.page.clock.install()
    table = _open(chat)
    table.get_by_role("button", name=SIMPLE).click()
    chat.gateway.promises = promises(prometheus=False)
    chat.page.clock.run_for(16_000)
    away = chat.page.get_by_text("Prometheus does not answer at the moment.")
    expect(away).to_be_visible()
    expect(_row(table, SIMPLE).get_by_role("cell", name="200.4 ms")).to_be_visible()
    expect(table).to_contain_text("postgresql work_mem")  # what was opened stays open
    chat.gateway.promises = promises()
    chat.page.clock.run_for(16_000)
    expect(away).to_have_count(0)


@pytest.mark.full
def test_with_prometheus_away_from_the_start_nothing_is_said_to_hold(chat: Chat) -> None:
    chat.gateway.promises = promises(prometheus=False)
    table = _open(chat)
    expect(chat.page.get_by_text("Until it does, nothing is measured.")).to_be_visible()
    expect(_row(table, SIMPLE).get_by_role("cell", name="no data")).to_be_visible()
    budgets = chat.page.get_by_role("table", name="Error budgets")
    expect(budgets.get_by_role("cell", name="kept")).to_have_count(0)
    expect(chat.page.get_by_role("main")).to_contain_text("0.343 of 8.77 hours allowed")  # known without it


@pytest.mark.full
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "KubeChat is starting; this page asks again."),
        ({"as_of": "2026-11-25T14:00:00Z"}, "This page does not understand what KubeChat answered (counts)."),
    ],
    ids=["a failure", "another shape"],
)
def test_an_answer_that_cannot_be_shown_takes_nothing_away(chat: Chat, answer: object, words: str) -> None:
    chat.page.clock.install()
    table = _open(chat)
    chat.gateway.promises = answer
    chat.page.clock.run_for(16_000)
    line = chat.page.get_by_role("status").filter(has_text=words)
    expect(line).to_contain_text("What is shown is of")
    expect(_rows(table)).to_have_count(ALL)
    chat.gateway.promises = promises()
    chat.page.clock.run_for(16_000)
    expect(line).to_have_count(0)


@pytest.mark.full
def test_it_is_asked_again_every_15_seconds_while_it_is_seen(chat: Chat) -> None:
    chat.page.clock.install()
    _open(chat)
    assert chat.gateway.promises_asked == 1
    for asked in (2, 3):
        with chat.page.expect_response("**/api/v1/promises"):
            chat.page.clock.run_for(15_100)
        assert chat.gateway.promises_asked == asked
    chat.page.evaluate(HIDE, True)
    chat.page.clock.run_for(60_000)
    assert chat.gateway.promises_asked == 3
    with chat.page.expect_response("**/api/v1/promises"):
        chat.page.evaluate(HIDE, False)
        chat.page.clock.run_for(10)
    chat.page.get_by_role("link", name="New chat").click()
    expect(chat.message).to_be_visible()
    chat.page.clock.run_for(60_000)
    assert chat.gateway.promises_asked == 4


def test_a_session_that_ended_leads_to_signing_in(chat: Chat) -> None:
    _open(chat)
    chat.page.clock.install()
    chat.gateway.tokens.clear()
    chat.page.reload()
    expect(chat.page.get_by_label("User name")).to_be_visible()
    chat.page.get_by_label("User name").fill("admin")
    chat.page.get_by_label("Password").fill("correct horse")
    chat.button("Sign in").click()
    expect(chat.page.get_by_role("table", name="Promises")).to_be_visible()
    chat.gateway.tokens.clear()
    chat.page.clock.run_for(16_000)
    expect(chat.page.get_by_text("Your session has ended")).to_be_visible()


def test_hostile_text_stays_text_and_is_no_link(chat: Chat) -> None:
    complaints: list[str] = []
    chat.page.on("console", lambda line: complaints.append(line.text))
    table = _open(chat)
    chat.page.get_by_label("State").select_option("unproved")
    button = table.get_by_role("button")
    expect(button).to_have_text(HOSTILE_PROMISE.replace("\u202e", "⟨U+202E⟩"))
    expect(_rows(table)).to_contain_text("<b>bold</b>")
    button.click()
    expect(table).to_contain_text("<script>document.title='owned'</script>")
    expect(table.get_by_text("red", exact=True)).to_be_visible()
    expect(table.get_by_text(re.compile("^javascript:"))).to_have_count(2)
    expect(table.get_by_role("link")).to_have_count(0)
    assert table.locator("img, script, b").count() == 0
    assert chat.page.title() != "owned"
    assert complaints == []  # the policy was kept, too: no style and no script but from files


@pytest.mark.full
@pytest.mark.parametrize("width", [375, 900])
def test_on_a_narrow_screen_nothing_is_wider_than_it(chat: Chat, width: int) -> None:
    chat.page.set_viewport_size({"width": width, "height": 740})
    if width < 800:
        chat.button("Open the list of conversations").click()
    table = _open(chat)
    table.get_by_role("button", name=SIMPLE).click()
    expect(_row(table, SIMPLE)).to_contain_text("200 ms, p95")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == width
    assert chat.page.locator(".promises").evaluate("box => box.scrollWidth <= box.clientWidth")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth + 2")

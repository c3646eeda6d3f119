"""Talking to it: signing in, keys, the list of conversations, tables, what cannot be answered."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.webchat.conftest import Chat
from tests.browser.webchat.scripted_gateway import FOLLOWED, PASSWORD

pytestmark = pytest.mark.browser


def test_signing_in_works_by_keyboard_alone_and_a_wrong_password_is_told_with_its_request_id(visitor: Chat) -> None:
    keyboard = visitor.page.keyboard
    expect(visitor.page.get_by_label("User name")).to_be_focused()
    keyboard.type("admin")
    keyboard.press("Tab")
    keyboard.type("wrong")
    keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    expect(visitor.page.get_by_role("alert")).to_contain_text("req-7f3a9c")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    expect(visitor.message).to_be_focused()
    assert visitor.page.evaluate("performance.getEntriesByName('composer-ready').length") == 1


def test_keys_send_break_lines_recall_and_search(chat: Chat) -> None:
    keyboard = chat.page.keyboard
    keyboard.type("show me")
    keyboard.press("Shift+Enter")
    keyboard.type("the pods")
    expect(chat.message).to_have_value("show me\nthe pods")
    keyboard.press("Enter")
    expect(chat.message).to_have_value("")
    chat.say("explain")
    expect(chat.conversation).to_contain_text("DB_PASSWORD")
    keyboard.press("ArrowUp")
    expect(chat.message).to_have_value("explain")
    keyboard.press("ArrowUp")
    expect(chat.message).to_have_value("show me\nthe pods")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(chat.message).to_have_value("")
    keyboard.press("Control+k")
    expect(chat.page.get_by_role("searchbox", name="Search conversations")).to_be_focused()
    chat.page.get_by_role("button", name="Alerts, none firing").click()
    expect(chat.page.get_by_role("complementary", name="Alerts")).to_be_visible()
    keyboard.press("Escape")
    expect(chat.page.get_by_role("complementary", name="Alerts")).to_have_count(0)


def test_what_is_typed_while_a_conversation_is_being_made_stays(chat: Chat) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    chat.page.route("**/api/v1/chat-sessions", hold)
    with chat.page.expect_request("**/api/v1/chat-sessions"):
        chat.say("show me the pods")
    chat.message.fill("and then")
    held[0].continue_()
    expect(chat.page.get_by_role("table")).to_be_visible()
    expect(chat.message).to_have_value("and then")


def test_conversations_are_started_found_renamed_reopened_and_deleted(chat: Chat) -> None:
    listed = chat.page.get_by_role("navigation", name="Conversations").get_by_role("listitem")
    chat.button("show me the pods").click()
    expect(chat.page.get_by_role("table")).to_be_visible()
    expect(listed).to_have_count(1)
    chat.page.get_by_role("link", name="New chat").click()
    chat.say("explain")
    expect(listed).to_have_count(2)

    listed.filter(has_text="explain").hover()
    chat.button("Rename explain").click()
    chat.page.get_by_role("textbox", name="New title").fill("why payments fails")
    chat.page.keyboard.press("Enter")
    chat.page.get_by_role("searchbox", name="Search conversations").fill("PAYMENTS")
    expect(listed).to_have_count(1)
    chat.page.get_by_role("searchbox", name="Search conversations").fill("")

    chat.page.get_by_role("link", name=re.compile("show me the pods")).click()
    expect(chat.page.get_by_role("cell", name="orders-db-0")).to_be_visible()
    chat.page.reload()
    expect(chat.page.get_by_role("cell", name="orders-db-0")).to_be_visible()
    expect(chat.page.get_by_role("heading", name="show me the pods")).to_be_visible()

    listed.filter(has_text="why payments fails").hover()
    chat.button("Delete why payments fails").click()
    chat.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(listed).to_have_count(1)


def test_a_table_is_sorted_filtered_widened_and_says_what_it_shows(chat: Chat) -> None:
    chat.say("show me some pods")
    table = chat.page.get_by_role("table")
    names = table.get_by_role("cell", name=re.compile("^worker-"))
    expect(chat.conversation).to_contain_text("40 rows")
    table.get_by_role("button", name="AGE").click()
    table.get_by_role("button", name="AGE").click()
    expect(table.get_by_role("columnheader", name="AGE")).to_have_attribute("aria-sort", "descending")
    expect(names.first).to_have_text("worker-40")
    chat.page.get_by_role("searchbox", name="Filter rows").fill("worker-3 running")
    expect(names).to_have_count(11)
    expect(table.get_by_role("columnheader", name="NODE")).to_have_count(0)
    chat.button("All columns").click()
    expect(table.get_by_role("columnheader", name="NODE")).to_be_visible()


@pytest.mark.full
def test_a_table_of_many_rows_draws_only_those_in_sight_and_scrolls_to_the_last(chat: Chat) -> None:
    chat.say("show me many pods")
    table = chat.page.get_by_role("table")
    expect(chat.conversation).to_contain_text("1,200 of 5,000")
    expect(table).to_have_attribute("aria-rowcount", "1201")
    expect(table.get_by_role("cell", name="worker-1", exact=True)).to_be_visible()
    assert table.get_by_role("row").count() < 200
    chat.page.get_by_role("group", name="Table, scrollable").evaluate("box => box.scrollTop = box.scrollHeight")
    expect(table.get_by_role("cell", name="worker-1200", exact=True)).to_be_visible()


@pytest.mark.full
def test_an_error_names_its_request_and_the_message_can_be_edited(chat: Chat) -> None:
    chat.say("get podz")
    error = chat.conversation.get_by_role("alert")
    expect(error).to_contain_text("did you mean pods")
    expect(error).to_contain_text("req-7f3a9c")
    error.get_by_role("button", name="Edit and ask again").click()
    expect(chat.message).to_be_focused()
    expect(chat.message).to_have_value("get podz")


@pytest.mark.full
def test_a_question_offers_its_answers(chat: Chat) -> None:
    chat.say("restart it")
    chat.conversation.get_by_role("button", name="show me the pods").click()
    expect(chat.page.get_by_role("cell", name="orders-db-0")).to_be_visible()


@pytest.mark.full
def test_the_cluster_is_chosen_beside_the_message_and_production_is_said_in_words(chat: Chat) -> None:
    form = chat.page.get_by_role("form", name="Write a message")
    expect(form.get_by_text("Production")).to_be_visible()
    form.get_by_label("Cluster").select_option("staging")
    expect(form.get_by_text("Production")).to_have_count(0)
    chat.say("show me the pods")
    expect(chat.page.get_by_role("table")).to_be_visible()
    assert [place["cluster"] for place in chat.gateway.chats()] == ["staging"]
    form.get_by_label("Cluster").select_option("prod-us")
    expect(form.get_by_text("Production")).to_be_visible()


@pytest.mark.full
def test_the_audit_log_is_filtered_and_paged(chat: Chat) -> None:
    chat.page.get_by_role("link", name="Audit log").click()
    rows = chat.page.get_by_role("table", name="Audit events").get_by_role("row")
    expect(rows).to_have_count(51)
    chat.button("Older").click()
    expect(rows).to_have_count(101)
    chat.page.get_by_role("textbox", name="User").fill("grace")
    chat.button("Search").click()
    expect(rows).to_have_count(31)
    expect(chat.page.get_by_text("That is all.")).to_be_visible()


@pytest.mark.full
def test_at_360_pixels_nothing_is_wider_than_the_screen_and_the_list_opens_and_closes(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 740})
    for text in ("show me the pods", "delete the cart", "why is payments-api failing?"):
        chat.say(text)
    expect(chat.conversation).to_contain_text("exit code 1")
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 360
    assert chat.conversation.evaluate("box => box.scrollWidth <= box.clientWidth")
    chat.button("Open the list of conversations").click()
    expect(chat.page.get_by_role("link", name="Audit log")).to_be_in_viewport()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("navigation", name="Conversations")).to_be_hidden()


@pytest.mark.full
def test_an_output_grows_until_it_is_stopped_and_its_end_stays(chat: Chat) -> None:
    chat.say(FOLLOWED)
    growing = chat.page.get_by_role("group", name=f"Output of {FOLLOWED}")
    expect(growing).to_contain_text("GET /one")
    expect(growing).to_contain_text("Found 3 pods")
    growing.get_by_role("button", name="Stop").click()
    expect(growing).to_contain_text("GET /two")
    expect(growing).to_have_count(1)
    expect(growing.get_by_role("button", name="Stop")).to_have_count(0)
    expect(chat.conversation).to_contain_text("Stopped.")

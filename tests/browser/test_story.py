"""The main job as a person does it: by what they see, in Chromium, against the running stack."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.timeout(240)]


def sign_in(page: Page, stack: LocalStack) -> None:
    user, password = stack.admin
    page.goto(stack.url)
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()


def say(page: Page, text: str) -> None:
    message = page.get_by_role("textbox", name="Message")
    message.fill(text)
    message.press("Enter")


def test_from_sign_in_to_a_confirmed_change_and_its_audit_record(page: Page, stack: LocalStack) -> None:
    sign_in(page, stack)
    say(page, "show me the pods")
    expect(page.get_by_role("cell", name="orders-db-0")).to_be_visible()

    say(page, "scale web to 5")
    card = page.get_by_role("region", name="Preview of a change")
    expect(card.get_by_text("kubectl scale deployment/web --replicas=5 -n shop")).to_be_visible()
    expect(card.get_by_text("would accept it")).to_be_visible()
    card.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("region", name="Outcome: Applied")).to_be_visible()
    expect(card.get_by_role("button", name="Confirm")).to_have_count(0)

    say(page, "kubectl get deployment web -n shop")
    expect(page.get_by_role("row").filter(has_text="web").last).to_contain_text("/5")

    page.reload()
    expect(page.get_by_role("region", name="Outcome: Applied")).to_be_visible()
    page.goto(f"{stack.url}/audit")
    expect(page.get_by_role("row").filter(has_text="scale").filter(has_text="applied").first).to_be_visible()

    page.goto(stack.url)
    say(page, "scale web to 3")
    page.get_by_role("region", name="Preview of a change").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("region", name="Outcome: Applied")).to_be_visible()


@pytest.mark.full
def test_the_promises_and_the_load_of_this_very_page_are_shown(page: Page, stack: LocalStack) -> None:
    sign_in(page, stack)
    before = stack.prometheus("sum(kubechat_web_load_seconds_count)")
    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()

    def reported() -> bool:
        now = stack.prometheus("sum(kubechat_web_load_seconds_count)")
        return bool(now) and float(now[0]["value"][1]) > (float(before[0]["value"][1]) if before else 0.0)

    wait_for("the browser's report to reach Prometheus", reported)

    page.get_by_role("link", name="Promises").click()
    expect(page.get_by_role("heading", name="Promises")).to_be_visible()
    expect(page.get_by_text("Requests and chat turns are answered")).to_be_visible()
    expect(page.get_by_text("221 promises")).to_be_visible()
    pool = page.get_by_role("row").filter(has_text="A database server takes at most 200 connections.")
    expect(pool).to_contain_text("pass")


@pytest.mark.full
def test_a_stopped_service_shows_an_alert_card_and_the_same_card_resolves(page: Page, stack: LocalStack) -> None:
    sign_in(page, stack)
    say(page, "kubectl get deployments -n shop")
    expect(page.get_by_role("cell", name="web", exact=True)).to_be_visible()
    stack.command("stop", "nlp-1")
    try:
        card = page.get_by_role("article", name="Alert ServiceDown, firing")
        expect(card).to_be_visible(timeout=90_000)
        expect(card.get_by_role("link", name="Runbook")).to_be_visible()
    finally:
        stack.command("start", "nlp-1")
    expect(page.get_by_role("article", name="Alert ServiceDown, resolved")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("article", name="Alert ServiceDown, firing")).to_have_count(0)


def test_a_wrong_password_is_told_with_its_request_id(page: Page, stack: LocalStack) -> None:
    page.goto(stack.url)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    expect(page.get_by_role("alert")).to_contain_text("Request")

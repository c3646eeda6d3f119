"""Clusters and live tables as a person meets them: by what they see, in Chromium, against the running stack."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTIFACTS
from tests.support.chat import Person
from tests.support.crowd import LINE, MANY, NAMES, crowd, forget_lists
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(240)]


def sign_in(page: Page, url: str, user: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()


def say(page: Page, text: str) -> None:
    message = page.get_by_role("textbox", name="Message")
    message.fill(text)
    message.press("Enter")


def picture(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTIFACTS / f"clusters-{name}.png"))


def kubeconfig_of(stack: LocalStack) -> str:
    """The demo's kubeconfig with a context that cannot be used beside its own."""
    content = yaml.safe_load(Path(stack.kubeconfig).read_text())
    content["contexts"].append({"name": "of-nobody", "context": {"cluster": "staging", "user": "nobody"}})
    return yaml.safe_dump(content)


def test_an_administrator_adds_a_cluster_asks_it_and_removes_it_again(page: Page, stack: LocalStack) -> None:
    sign_in(page, stack.url, *stack.admin)
    page.get_by_role("link", name="Clusters", exact=True).click()
    expect(page).to_have_title("Clusters · KubeChat")
    table = page.get_by_role("table", name="Clusters")
    expect(table.get_by_role("row")).to_have_count(4)
    row = table.get_by_role("row").filter(has_text="prod-eu")
    expect(row).to_contain_text(re.compile(r"ready\s*v1\.\d+.*\d+ ms.*closed.*the kubeconfig", re.DOTALL))
    expect(page.get_by_role("button", name="Remove prod-eu")).to_have_count(0)  # its operator's

    page.get_by_role("button", name="Add clusters").click()
    dialog = page.get_by_role("dialog", name="Add clusters")
    dialog.get_by_label("Kubeconfig").fill("a: [")
    dialog.get_by_role("button", name="Show its contexts").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The kubeconfig is no YAML.")
    dialog.get_by_label("Kubeconfig").fill(kubeconfig_of(stack))
    dialog.get_by_role("button", name="Show its contexts").click()
    expect(dialog.get_by_role("checkbox", name="of-nobody")).to_be_disabled()
    expect(dialog.get_by_text("Cannot be added: it names a user that does not exist.")).to_be_visible()
    dialog.get_by_role("checkbox", name="staging").check()
    names = dialog.get_by_role("textbox", name="Name")
    expect(names).to_have_count(2)  # the current context is proposed
    names.nth(1).fill("extra")
    picture(page, "adding")
    dialog.get_by_role("button", name="Add 2 clusters").click()
    expect(dialog.get_by_text("Added.")).to_be_visible()
    expect(dialog.get_by_role("alert")).to_contain_text('There is a cluster "prod-eu" already.')
    dialog.get_by_role("button", name="Close").click()
    added = table.get_by_role("row").filter(has_text="extra")
    expect(added).to_contain_text("an administrator")
    expect(added).to_contain_text("ready")
    picture(page, "list")

    page.get_by_role("link", name="New chat").click()
    say(page, "kubectl get deployments -n shop --context extra")
    expect(page.get_by_role("cell", name="web", exact=True)).to_be_visible()

    page.get_by_role("link", name="Clusters", exact=True).click()
    page.get_by_role("button", name="Remove extra").click()
    page.get_by_role("dialog", name="Remove cluster").get_by_role("button", name="Keep").click()
    expect(added).to_have_count(1)
    page.get_by_role("button", name="Remove extra").click()
    page.get_by_role("dialog", name="Remove cluster").get_by_role("button", name="Remove").click()
    expect(added).to_have_count(0)
    page.get_by_role("link", name="New chat").click()

    def refused() -> bool:
        """By the replica that this window speaks to, which hears of it within seconds."""
        say(page, "kubectl get deployments -n shop --context extra")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        return page.get_by_text('There is no cluster "extra"').count() > 0

    wait_for("the cluster to be known no more", refused)


def test_a_viewer_sees_the_clusters_and_nothing_to_change_them(page: Page, stack: LocalStack, admin: Person) -> None:
    name, password = f"vera-{uuid4().hex[:6]}", uuid4().hex
    reply = admin.http.post("/api/v1/users", json={"name": name, "role": "viewer", "password": password})
    assert reply.status_code == 201, reply.text
    sign_in(page, stack.url, name, password)
    page.get_by_role("link", name="Clusters", exact=True).click()
    table = page.get_by_role("table", name="Clusters")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").filter(has_text="prod-us")).to_contain_text("ready")
    expect(page.get_by_role("button", name=re.compile("^Add|^Remove"))).to_have_count(0)


def test_the_newest_table_stays_current_after_a_change_made_elsewhere(page: Page, stack: LocalStack) -> None:
    line = "kubectl get deployment shown -n qa"
    _kubectl(stack, "create", "deployment", "shown", "--image=nginx:1.27", "--replicas=3", "-n", "qa")
    try:
        _kubectl(stack, "rollout", "status", "deployment/shown", "-n", "qa")
        sign_in(page, stack.url, *stack.admin)
        say(page, line)
        row = page.get_by_role("row").filter(has_text="shown")
        expect(row).to_contain_text("3/3")
        expect(page.get_by_role("button", name="Live")).to_have_class(re.compile(r"\blive\b"))
        picture(page, "live-before")
        _kubectl(stack, "scale", "deployment/shown", "--replicas=4", "-n", "qa")
        expect(row).to_contain_text("4/4", timeout=20_000)
        expect(row).to_have_count(1)  # in its place, not below it
        picture(page, "live-after")
        page.get_by_role("button", name="Live").click()
        _kubectl(stack, "scale", "deployment/shown", "--replicas=2", "-n", "qa")
        say(page, line)
        expect(row.last).to_contain_text(re.compile("/2"), timeout=20_000)
        expect(row.first).to_contain_text("4/4")  # what is not live stays as it was
    finally:
        _kubectl(stack, "delete", "deployment", "shown", "-n", "qa")


def _kubectl(stack: LocalStack, *words: str) -> None:
    subprocess.run(["kubectl", f"--kubeconfig={stack.kubeconfig}", *words], check=True, capture_output=True, timeout=60)


def test_a_long_list_is_gone_through_page_by_page_and_begins_again_when_the_cluster_has_it_no_more(
    page: Page, stack: LocalStack
) -> None:
    with crowd(stack):
        sign_in(page, stack.url, *stack.admin)
        say(page, LINE)
        block = page.get_by_role("group", name=re.compile("^Result of"))
        expect(block.get_by_text(f"1–500 of {MANY:,}")).to_be_visible()
        expect(block.get_by_role("button", name="Previous page")).to_be_disabled()
        block.get_by_role("button", name="Next page").click()
        expect(block.get_by_text(f"501–1,000 of {MANY:,}")).to_be_visible()
        expect(block.get_by_role("cell", name=NAMES[500])).to_be_visible()
        picture(page, "paging")
        block.get_by_role("button", name="Next page").click()
        expect(block.get_by_text(f"1,001–{MANY:,} of {MANY:,}")).to_be_visible()
        expect(block.get_by_role("cell", name=NAMES[-1])).to_be_visible()
        expect(block.get_by_role("button", name="Next page")).to_be_disabled()
        block.get_by_role("button", name="Previous page").click()
        expect(block.get_by_role("cell", name=NAMES[500])).to_be_visible()

        page.reload()
        forget_lists(stack)
        block.get_by_role("button", name="Next page").click()
        expect(block.get_by_text("it begins again")).to_be_visible()
        expect(block.get_by_role("cell", name=NAMES[0])).to_be_visible()
        block.get_by_role("button", name="Next page").click()
        expect(block.get_by_role("cell", name=NAMES[500])).to_be_visible()

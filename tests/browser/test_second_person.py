"""Changes that need more than a word: a second person's approval, a job that goes on by itself, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import VIEWPORT
from tests.support.chat import Person
from tests.support.stack import LocalStack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(240)]

POLICY = """
clusters:
  "*":
    impersonate: {users: ["kubechat:*"], groups: ["kubechat:operators", "kubechat:admins"]}
    groups: {role:operator: [operators], role:admin: [admins]}
  prod-eu:
    impersonate: {users: ["kubechat:*"], groups: ["kubechat:operators", "kubechat:admins"]}
    groups: {role:operator: [operators], role:admin: [admins]}
    approval: {by: [role:admin], within_minutes: 15}
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack whose policy asks for a second person on prod-eu."""
    running = LocalStack()
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    policy.write_text(POLICY)
    running.environment["KUBECHAT_POLICY_FILE"] = str(policy)
    try:
        running.up()
        yield running
    finally:
        running.down()


@dataclass
class Window:
    """Somebody's browser window."""

    page: Page
    name: str

    def say(self, text: str) -> None:
        message = self.page.get_by_role("textbox", name="Message")
        message.fill(text)
        message.press("Enter")

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True).last

    def outcome(self, word: str) -> Locator:
        return self.page.get_by_role("region", name=f"Outcome: {word}", exact=True).last


@pytest.fixture
def people(browser: Browser, guarded: LocalStack) -> Iterator[tuple[Window, Window]]:
    """An operator and the administrator, each at a computer of their own."""
    name, password = f"ada-{uuid4().hex[:6]}", uuid4().hex
    with Person(guarded.url, *guarded.admin) as admin:
        reply = admin.http.post("/api/v1/users", json={"name": name, "role": "operator", "password": password})
        assert reply.status_code == 201, reply.text
    contexts = [browser.new_context(viewport=VIEWPORT) for _ in range(2)]  # type: ignore[arg-type]
    faults: list[str] = []
    windows = []
    for context, (user, word) in zip(contexts, ((name, password), guarded.admin), strict=True):
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(guarded.url)
        page.get_by_label("User name").fill(user)
        page.get_by_label("Password").fill(word)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        windows.append(Window(page, user))
    operator, other = windows
    yield operator, other
    for context in contexts:
        context.close()
    assert faults == []


def test_a_deletion_waits_until_a_second_person_agrees_and_its_own_person_confirms(
    people: tuple[Window, Window],
) -> None:
    operator, admin = people
    operator.say("kubectl delete deployment cart -n shop")
    card = operator.card("Preview of a destructive change")
    expect(card.get_by_text("Waits for approval")).to_be_visible()
    expect(card.get_by_role("button", name="Confirm")).to_have_count(0)

    admin.page.get_by_role("button", name=re.compile("wait(s)? for you$")).click()
    waiting = admin.card(f"Plan of {operator.name}")
    expect(waiting.get_by_text("kubectl delete deployment/cart -n shop")).to_be_visible()
    waiting.get_by_role("button", name="Approve").click()
    expect(admin.page.get_by_text("No plan waits for you.")).to_be_visible()

    expect(card.get_by_text("Approved by admin")).to_be_visible()
    card.get_by_role("textbox").fill("cart")
    card.get_by_role("button", name=re.compile("^Confirm|^Delete")).click()
    expect(operator.outcome("Applied")).to_be_visible()
    operator.say("kubectl get deployment cart -n shop")
    expect(operator.page.get_by_text('deployments.apps "cart" not found').first).to_be_visible()


def test_what_a_second_person_denies_is_never_done_and_the_reason_arrives(people: tuple[Window, Window]) -> None:
    operator, admin = people
    operator.say("kubectl delete service web -n shop")
    card = operator.card("Preview of a destructive change")
    expect(card.get_by_text("Waits for approval")).to_be_visible()
    admin.page.get_by_role("button", name=re.compile("wait(s)? for you$")).click()
    waiting = admin.card(f"Plan of {operator.name}")
    waiting.get_by_role("textbox").fill("customers use it")
    waiting.get_by_role("button", name="Deny").click()
    expect(operator.page.get_by_text("customers use it").first).to_be_visible()
    operator.say("kubectl get service web -n shop")
    expect(operator.page.get_by_role("cell", name="web", exact=True).last).to_be_visible()


def test_a_drain_goes_on_with_its_progress_shown_until_the_node_is_empty(people: tuple[Window, Window]) -> None:
    operator, admin = people
    window = admin
    window.say("kubectl get pods -n shop -l app=web -o wide --context staging")
    node = window.page.get_by_role("cell", name=re.compile("node|worker")).first
    expect(node).to_be_visible()
    name = node.inner_text().strip()
    window.say(f"kubectl drain {name} --ignore-daemonsets --delete-emptydir-data --force --context staging")
    card = window.card("Preview of a destructive change")
    card.get_by_role("textbox").fill(name)
    card.get_by_role("button", name=re.compile("^Confirm|^Drain")).click()
    expect(card.get_by_text("Working:").or_(window.outcome("Applied"))).to_be_visible()
    expect(window.outcome("Applied")).to_be_visible(timeout=120_000)
    window.say(f"kubectl uncordon {name} --context staging")
    window.card("Preview of a change").get_by_role("button", name="Confirm").click()
    expect(operator.page.get_by_role("textbox", name="Message")).to_be_visible()


def test_a_change_is_taken_back_by_the_button_of_its_outcome(people: tuple[Window, Window]) -> None:
    operator, _ = people
    operator.say("kubectl get deployment web -n shop -o jsonpath={.spec.replicas}")
    before = operator.page.locator("pre").last
    expect(before).to_have_text(re.compile(r"^\d+\s*$"))
    replicas = int(before.inner_text())
    operator.say(f"scale web to {replicas + 2} in shop")
    operator.card("Preview of a change").get_by_role("button", name="Confirm").click()
    operator.outcome("Applied").get_by_role("button", name="Undo").click()
    back = operator.card("Preview of a change")
    expect(back.get_by_text("(takes back: ")).to_contain_text(f"web: {replicas + 2} → {replicas} ")
    back.get_by_role("button", name="Confirm").click()
    expect(operator.page.get_by_role("region", name="Outcome: Applied", exact=True)).to_have_count(2)
    operator.say("kubectl get deployment web -n shop")
    expect(operator.page.get_by_role("row").filter(has_text="web").last).to_contain_text(f"/{replicas}")

"""Lists that are longer than one table: page by page over REST, whole and cut in a terminal, begun again after 410."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.test_terminal import Terminal
from tests.support.chat import Person, only
from tests.support.crowd import CLUSTER, LINE, MANY, NAMES, NAMESPACE, crowd, forget_lists, kubectl
from tests.support.stack import LocalStack

pytestmark = [pytest.mark.stack, pytest.mark.full, pytest.mark.timeout(240)]


@pytest.fixture(scope="module", autouse=True)
def many(stack: LocalStack) -> Iterator[None]:
    with crowd(stack):
        yield


@pytest.fixture(scope="module")
def terminal(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(stack, tmp_path_factory.mktemp("terminal"))


def page(person: Person, **more: Any) -> dict[str, Any]:
    reply = person.http.post("/api/v1/commands", json={"line": LINE, **more})
    assert reply.status_code == 200, reply.text
    return next(event for event in reply.json()["events"] if event["type"] == "table")


def test_pages_follow_one_another_over_rest_and_after_410_the_list_begins_again(
    stack: LocalStack, admin: Person
) -> None:
    first = page(admin)
    assert (len(first["rows"]), first["total"], first.get("first")) == (500, MANY, None)
    second = page(admin, page=first["next"])
    third = page(admin, page=second["next"])
    assert (second["first"], third["first"], third.get("next")) == (500, 1000, None)
    assert [row[0] for each in (first, second, third) for row in each["rows"]] == NAMES
    forget_lists(stack)
    again = page(admin, page=second["next"])
    assert (again.get("first"), again["rows"][0][0], again["total"]) == (None, NAMES[0], MANY)
    assert "it begins again" in again["after"]
    assert page(admin, page=again["next"])["first"] == 500
    reply = admin.http.post("/api/v1/commands", json={"line": LINE, "page": "made-up"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_page")


def test_a_view_is_kept_from_page_to_page(admin: Person) -> None:
    view = {"where": [{"column": "NAME", "op": "!=", "value": NAMES[700]}]}
    first = page(admin, view=view)
    second = page(admin, view=view, page=first["next"])
    assert (first["total"], second["first"], second["total"]) == (MANY - 1, 500, MANY - 1)
    assert NAMES[700] not in [row[0] for row in second["rows"]]
    assert len(second["rows"]) == 500


def test_a_table_of_the_chat_names_its_next_page(admin: Person) -> None:
    with admin.chat() as chat:
        table = only(chat.say(LINE), "table")
    assert (table["shown"], table["total"], table["view"]) == (500, MANY, {"where": []})
    assert page(admin, page=table["next"], view=table["view"])["first"] == 500


def test_a_terminal_prints_all_of_it_as_kubectl_does_and_less_where_that_is_asked(
    stack: LocalStack, terminal: Terminal
) -> None:
    words = ["get", "configmaps", "-n", NAMESPACE, "--no-headers", "-o", "wide"]
    theirs = [line.split()[:2] for line in kubectl(stack, *words, "--chunk-size=100").splitlines()]
    for more in ([], ["--chunk-size=100"], ["--chunk-size=0"], ["--sort-by=.metadata.name"]):
        ours = terminal.run("kubectl", "--cluster", CLUSTER, "--", *words, *more)
        assert (ours.returncode, ours.stderr) == (0, "")
        assert [line.split()[:2] for line in ours.stdout.splitlines()] == theirs
    cut = terminal.run("kubectl", "--cluster", CLUSTER, "--limit", "700", "--", *words)
    assert [line.split()[0] for line in cut.stdout.splitlines()] == [each[0] for each in theirs][:700]
    assert cut.stderr == f"{len(theirs) - 700} more are not shown.\n"


def test_a_terminal_prints_all_of_several_types_and_of_several_clusters(stack: LocalStack, terminal: Terminal) -> None:
    words = ["get", "configmaps,serviceaccounts", "-n", NAMESPACE, "--no-headers"]
    theirs = [line.split()[0] for line in kubectl(stack, *words).splitlines()]
    ours = terminal.run("kubectl", "--cluster", CLUSTER, "--", *words)
    assert (ours.returncode, ours.stderr) == (0, "")
    assert [line.split()[0] for line in ours.stdout.splitlines()] == theirs
    words = ["get", "configmaps", "-n", NAMESPACE, "-l", "of=the-crowd", "--no-headers"]
    everywhere = terminal.run("kubectl", "--all-clusters", "--limit", "700", "--", *words)
    found = [line.split()[:2] for line in everywhere.stdout.splitlines()]
    assert found == [[CLUSTER, name] for name in NAMES[:700]]
    assert f"{MANY - 700} more are not shown.\n" in everywhere.stderr

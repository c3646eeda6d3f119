"""Reads as a person has them: an output that grows in the chat until it is stopped, and `kubechat kubectl`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from tests.support.chat import Chat, Person, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack
KUBECHAT = (sys.executable, "-m", "app.cli.main")
NGINX = re.compile(r"\S+ - - \[|\d{4}/\d\d/\d\d .* \[(?:warn|error)\] ")  # requests, and now and then a complaint


class Terminal:
    """A command line on a machine of its own, where the admin has logged in."""

    def __init__(self, stack: LocalStack, folder: Path, who: tuple[str, str] | None = None) -> None:
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "COLUMNS": "200"}
        user, password = who or stack.admin
        login = self.run("login", "--url", stack.url, "--user", user, "--password-stdin", text=password)
        assert login.returncode == 0, login.stderr

    def run(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*KUBECHAT, *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=self.environment,
        )

    def kubectl(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("kubectl", "--", *words, text=text)

    @contextmanager
    def following(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        # A shell's background job ignores Ctrl-C, and so would all that is started by tests that run in one.
        command = ["env", "--default-signal=INT", *KUBECHAT, "kubectl", "--", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def terminal(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(stack, tmp_path_factory.mktemp("terminal"))


def streamed(person: Person, command: str) -> list[dict[str, Any]]:
    """Audit events about a command that was followed."""
    reply = person.http.get("/api/v1/audit/events", params={"text": command, "limit": "20"})
    assert reply.status_code == 200, reply.text
    return [event for event in reply.json()["events"] if event["detail"].get("stream")]


def follow(chat: Chat, text: str, chunks: int) -> str:
    """Say something that goes on, and wait for so many bits of its output; the turn's id."""
    turn = str(uuid4())
    chat.send({"type": "say", "id": turn, "chat_session": chat.session, "text": text})
    seen = 0
    while seen < chunks:
        event = chat.receive()
        assert event["type"] not in {"error", "output"}, event
        seen += event["type"] == "chunk" and event["text"] != ""
    return turn


def test_a_followed_log_grows_in_the_chat_until_it_is_stopped_and_its_end_is_kept(admin: Person) -> None:
    line = "kubectl logs deployment/web -f --tail=3"
    with admin.chat() as chat:
        turn = follow(chat, line, chunks=2)
        chat.send({"type": "stop", "turn": turn})
        events = []
        while not events or events[-1].get("state") != "done":
            events.append(chat.receive())
        output = only(events, "output")
        assert output["text"].count("GET ") >= 3
        assert output["notes"].startswith("Found 3 pods")
        assert events[-1]["stopped"]
        reply = admin.http.get(f"/api/v1/chat-sessions/{chat.session}/messages")
        kept = [message["event"] for message in reply.json()["messages"]]
        assert [event["text"] for event in kept if event["type"] == "output"] == [output["text"]]
    (event,) = wait_for("the audit event", lambda: streamed(admin, "logs deployment/web --follow --tail=3"))
    assert (event["outcome"], event["detail"]["stream"]) == ("ok", "stopped")


def test_a_watch_ends_when_its_person_leaves(admin: Person) -> None:
    with admin.chat() as chat:
        follow(chat, "kubectl get pods -w -n qa -A", chunks=1)
    (event,) = wait_for("the audit event", lambda: streamed(admin, "get pods --watch -A"))
    assert event["detail"]["stream"] == "stopped"


def test_a_conversation_goes_on_in_another_context_as_kubectl_does(admin: Person) -> None:
    with admin.chat() as chat:
        moved = only(chat.say("kubectl config use-context staging"), "text")
        assert (moved["text"], moved["cluster"]) == ('Switched to context "staging".', "staging")
        assert only(chat.say("kubectl config current-context"), "output")["text"] == "staging\n"
        assert only(chat.say("kubectl config set-context --current --namespace=qa"), "text")["namespace"] == "qa"
        assert only(chat.say("kubectl config use-context nosuch"), "error")["code"] == "unknown_cluster"


def test_kubechat_kubectl_prints_and_ends_as_kubectl(terminal: Terminal) -> None:
    found = terminal.kubectl("get", "deployments", "-n", "shop", "-o", "jsonpath={.items[*].metadata.name}")
    assert (found.returncode, found.stderr) == (0, "")
    assert {"web", "cart"} <= set(found.stdout.split())
    table = terminal.kubectl("get", "svc", "web", "-n", "shop")
    assert table.stdout.splitlines()[0].split() == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    missing = terminal.kubectl("get", "deployment", "wbe", "-n", "shop")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.splitlines() == [
        'Error from server (NotFound): deployments.apps "wbe" not found',
        "Hint: Did you mean web?",
    ]
    nothing = terminal.kubectl("get", "pods", "-n", "qa")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "No resources found in qa namespace.\n")
    assert terminal.kubectl("auth", "can-i", "get", "pods").stdout == "yes\n"


def test_words_are_read_and_nothing_of_it_is_done(terminal: Terminal) -> None:
    plan = json.loads(terminal.run("ask", "--json", "scale web to 7").stdout)
    assert plan["behaviour"] == "confirm"
    assert plan["commands"] == ["kubectl scale deployment/web --replicas=7 -n shop"]
    asked = terminal.run("ask", "--cluster", "staging", "-n", "monitoring", "what is running here?")
    assert asked.stdout.splitlines()[:2] == ["Would read:", "  kubectl get pods -n monitoring"]
    replicas = terminal.kubectl("get", "deployment", "web", "-n", "shop", "-o", "jsonpath={.spec.replicas}")
    assert replicas.stdout != "7"


def test_a_diagnosis_is_printed_with_what_would_fix_it(terminal: Terminal) -> None:
    found = terminal.kubectl("diagnose", "deployment/cart-canary", "-n", "shop")
    assert (found.returncode, found.stderr) == (0, "")
    assert "registry.local/shop/cart has no tag 2.4.0-canary" in found.stdout
    assert "Would fix it: kubectl set image deployment/cart-canary" in found.stdout
    causes = json.loads(terminal.kubectl("diagnose", "-n", "shop", "-o", "json").stdout)["causes"]
    assert "deployment/cart-canary" in {cause["object"] for cause in causes}


def test_a_manifest_is_compared_from_standard_input(terminal: Terminal) -> None:
    manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {tier: front}}\n"
    found = terminal.kubectl("diff", "-n", "shop", "-f", "-", text=manifest)
    assert (found.returncode, found.stderr) == (1, "")
    assert "+    tier: front\n" in found.stdout


def test_an_output_grows_in_a_terminal_until_it_is_interrupted(terminal: Terminal) -> None:
    with terminal.following("logs", "deployment/web", "-n", "shop", "-f", "--tail=1") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert all(NGINX.match(line) for line in lines), lines


@pytest.mark.full
def test_what_is_waited_for_ends_with_kubectls_status(terminal: Terminal) -> None:
    met = terminal.kubectl("wait", "pod/orders-db-0", "-n", "shop", "--for=condition=Ready")
    assert (met.returncode, met.stdout) == (0, "pod/orders-db-0 condition met\n")
    late = terminal.kubectl("wait", "pod/orders-db-0", "-n", "shop", "--for=delete", "--timeout=1s")
    assert (late.returncode, late.stderr) == (1, "error: timed out waiting for the condition on pods/orders-db-0\n")
    missing = terminal.kubectl("wait", "pod/nosuch", "-n", "shop", "--for=condition=Ready")
    assert missing.returncode == 1
    assert missing.stderr.startswith('Error from server (NotFound): pods "nosuch" not found')


def test_a_change_is_shown_and_not_made_where_nobody_can_be_asked(terminal: Terminal) -> None:
    found = terminal.kubectl("scale", "deployment/cart", "--replicas=9", "-n", "shop")
    assert (found.returncode, "Nothing was changed." in found.stderr) == (1, True)
    assert "kubectl scale deployment/cart --replicas=9 -n shop" in found.stdout


@pytest.mark.full
def test_a_question_to_all_clusters_is_one_table_and_ends_with_1_where_one_has_no_answer(terminal: Terminal) -> None:
    found = terminal.run("kubectl", "--all-clusters", "--", "get", "deployments", "web", "cart", "-n", "shop")
    lines = [line.split() for line in found.stdout.splitlines()]
    assert (found.returncode, found.stderr) == (0, "")
    assert lines[0][:2] == ["CLUSTER", "NAME"]
    assert [line[:2] for line in lines[1:]] == [
        [cluster, name] for cluster in ("prod-eu", "prod-us", "staging") for name in ("web", "cart")
    ]
    assert terminal.kubectl("create", "configmap", "only-here", "-n", "qa", "--context", "staging").returncode == 1
    both = terminal.run("kubectl", "--cluster", "prod-eu,nosuch", "--", "get", "pods")
    assert (both.returncode, both.stdout) == (1, "")
    assert both.stderr.startswith('error: There is no cluster "nosuch"')
    listed = orjson.loads(terminal.run("cluster", "list", "--json").stdout)
    assert [(each["name"], each["state"], each["breaker"]) for each in listed] == [
        (cluster, "ready", "closed") for cluster in ("prod-eu", "prod-us", "staging")
    ]
    assert all(each["answered_at"] and each["version"] for each in listed)
    follow = terminal.kubectl("get", "pods", "-w", "--all-clusters")
    assert (follow.returncode, "one cluster at a time" in follow.stderr) == (1, True)


def test_words_about_several_clusters_are_one_table_and_one_confirmation_that_names_them(admin: Person) -> None:
    with admin.chat() as chat:
        shown = only(chat.say("show deployments in all clusters"), "table")
        assert (shown["command"], shown["columns"][0]["name"]) == (
            "kubectl get deployments -n shop --all-clusters",
            "CLUSTER",
        )
        assert {row[0] for row in shown["rows"]} == {"prod-eu", "prod-us", "staging"}
        preview = only(chat.say("kubectl label deployment web fleet=yes --context prod-us,staging"), "preview")
        assert [step["cluster"] for step in preview["steps"]] == ["prod-us", "staging"]
        assert preview["consequences"][0] == "This changes 2 clusters: prod-us, staging."
        outcome = only(chat.confirm(preview), "outcome")
        assert outcome["state"] == "applied", outcome
        labelled = only(chat.say("kubectl get deployment web --all-clusters -o json"), "output")
        items = orjson.loads(labelled["text"])["items"]
        of = {item["metadata"]["annotations"]["kubechat.io/cluster"]: item["metadata"]["labels"] for item in items}
        assert {cluster for cluster, labels in of.items() if labels.get("fleet") == "yes"} == {"prod-us", "staging"}
        deleted = only(chat.say("kubectl delete deployment web --all-clusters"), "preview")
        assert deleted["typed_name"] == "3 clusters"
        chat.cancel(deleted)


def told(ended: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed said, without its request."""
    return ended.stderr.partition(" (request ")[0].strip()


@pytest.mark.full
def test_a_cluster_is_added_asked_and_removed_from_a_terminal_by_administrators_alone(
    stack: LocalStack, terminal: Terminal, admin: Person, tmp_path: Path
) -> None:
    kubeconfig = Path(stack.kubeconfig).read_text()
    added = terminal.run("cluster", "add", "extra", "--context", "staging", text=kubeconfig)
    assert (added.returncode, added.stdout.startswith("Added: extra (v1.")) == (0, True), added.stderr

    def state() -> str:
        listed = orjson.loads(terminal.run("cluster", "list", "--json").stdout)
        return next((each["state"] for each in listed if each["name"] == "extra"), "")

    wait_for("every replica to know it", lambda: {state() for _ in range(6)} == {"ready"})
    again = terminal.run("cluster", "add", "extra", "--context", "staging", text=kubeconfig)
    assert (again.returncode, told(again)) == (1, 'There is a cluster "extra" already.')
    ours = terminal.run("kubectl", "--cluster", "extra", "--", "get", "deployments", "-n", "shop")
    theirs = terminal.run("kubectl", "--cluster", "staging", "--", "get", "deployments", "-n", "shop")
    assert (ours.returncode, ours.stdout) == (0, theirs.stdout)
    nonsense = terminal.run("cluster", "add", "other", text="a: [")
    assert (nonsense.returncode, told(nonsense)) == (1, "The kubeconfig is no YAML.")

    name, password = f"otto-{uuid4().hex[:6]}", uuid4().hex
    reply = admin.http.post("/api/v1/users", json={"name": name, "role": "operator", "password": password})
    assert reply.status_code == 201, reply.text
    otto = Terminal(stack, tmp_path, (name, password))
    refused = "Only an administrator may add and remove clusters."
    for words, text in ((("cluster", "add", "other"), kubeconfig), (("cluster", "remove", "extra"), "")):
        said = otto.run(*words, text=text)
        assert (said.returncode, told(said)) == (1, refused)
    assert "extra" in otto.run("cluster", "list").stdout
    events = admin.http.get("/api/v1/audit/events", params={"user": name, "kind": "refusal"}).json()["events"]
    assert [event["command"] for event in events] == ["remove cluster extra", "add cluster other"]

    removed = terminal.run("cluster", "remove", "extra")
    assert (removed.returncode, removed.stdout) == (0, "Removed: extra.\n")
    wait_for("every replica to have forgotten it", lambda: {state() for _ in range(6)} == {""})
    of_file = terminal.run("cluster", "remove", "staging")
    assert (of_file.returncode, "is of the kubeconfig" in of_file.stderr) == (1, True)

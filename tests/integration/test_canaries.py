"""Secrets that are planted in a cluster, or typed by a person, reach no way out: answers, history, audit, logs, traces.

A canary is a word that stands nowhere else. Each is planted where the field's secrets really are: a Secret's data, the
environment and arguments of containers, connection strings, annotations that repeat a manifest, and what people type.
"""

from __future__ import annotations

import base64
import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from tests.support.chat import Person
from tests.support.stack import LocalStack
from tests.support.trace_collector import TraceCollector
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAMESPACE = "shop"


class Canaries:
    """Words that must not be seen again, each in every form that it may take on its way."""

    def __init__(self) -> None:
        self.run = uuid4().hex[:8]
        self.words: dict[str, str] = {}

    def new(self, where: str) -> str:
        """A canary for one place."""
        return self.words.setdefault(where, f"Cana{self.run}ry{len(self.words):02}Xq9")

    def seen_in(self, text: str) -> list[str]:
        """The places whose canary a text tells, as it is or in base64."""
        return [where for where, word in self.words.items() if any(form in text for form in _forms(word))]


def events_of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == kind]


def _forms(word: str) -> set[str]:
    # In base64 a word looks one of three ways, by where it begins; the middle is the same whatever stands around it.
    coded = {base64.b64encode(b"x" * shift + word.encode()).decode()[4:-4] for shift in range(3)}
    return {word, word.lower(), *coded}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def cluster(stack: LocalStack) -> Callable[[str, str, Any], Any]:
    """Requests to the demo cluster as its own administrator."""
    config = yaml.safe_load(Path(stack.status()["kubeconfig"]).read_text())
    name = config["current-context"]
    context = next(each["context"] for each in config["contexts"] if each["name"] == name)
    server = next(each["cluster"] for each in config["clusters"] if each["name"] == context["cluster"])
    user = next(each["user"] for each in config["users"] if each["name"] == context["user"])
    trusted = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())

    def ask(method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{server['server']}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {user['token']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, context=trusted, timeout=10) as answer:
            return json.loads(answer.read())

    return ask


@pytest.fixture
def planted(cluster: Callable[[str, str, Any], Any], canaries: Canaries) -> Iterator[str]:
    """The name of a Secret, a ConfigMap, a Deployment and a Pod that hold canaries."""
    name = f"canary-{canaries.run}"
    new = canaries.new
    core, apps = f"/api/v1/namespaces/{NAMESPACE}", f"/apis/apps/v1/namespaces/{NAMESPACE}"
    repeated = json.dumps({"apiVersion": "v1", "stringData": {"token": new("the last applied configuration")}})
    secret = {
        "metadata": {
            "name": name,
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": repeated},
        },
        "data": {"password": base64.b64encode(new("a Secret's data").encode()).decode()},
        "stringData": {"url": f"postgres://shop:{new('a connection string in a Secret')}@db/shop"},
    }
    settings = {
        "metadata": {"name": name},
        "data": {
            "DATABASE_URL": f"postgres://shop:{new('a connection string')}@db:5432/shop",
            "app.properties": f"mode=live\ndb.password={new('a line of a file')}\n",
        },
    }
    container = {
        "name": "main",
        "image": "nginx:1.27",
        "args": ["--verbose", f"--api-token={new('an argument')}"],
        "env": [
            {"name": "SHOP_PASSWORD", "value": new("an environment variable")},
            {"name": "BROKER", "value": f"amqp://shop:{new('an address in the environment')}@broker:5672/"},
        ],
    }
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment = {
        "metadata": {"name": name},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod},
    }
    cluster("POST", f"{core}/secrets", secret)
    cluster("POST", f"{core}/configmaps", settings)
    cluster("POST", f"{apps}/deployments", deployment)
    wait_for(
        "its pod",
        lambda: cluster("GET", f"{core}/pods?labelSelector=app%3D{name}", None)["items"],
    )
    yield name
    for path in (f"{core}/secrets/{name}", f"{core}/configmaps/{name}", f"{apps}/deployments/{name}"):
        cluster("DELETE", path)


READS = (
    "get secret {name} -n shop",
    "get secrets -n shop",
    "diagnose -n shop",
    "diagnose deployment/{name} -n shop -o json",
    "get secret {name} -n shop -o yaml",
    "get secret {name} -n shop -o json",
    "get secret {name} -n shop -o wide --show-labels",
    "get secret {name} -n shop -o jsonpath={{.data.password}}",
    "get secret {name} -n shop -o jsonpath={{.data}}",
    "get secret {name} -n shop -o jsonpath={{.metadata.annotations}}",
    "get secrets -n shop -o jsonpath={{.items[*].data}}",
    "get secret {name} -n shop -o jsonpath-as-json={{..data}}",
    "get secret {name} -n shop -o custom-columns=A:.data.password,B:.data.url,C:.metadata.annotations",
    "get secrets -n shop -o custom-columns=NAME:.metadata.name,ALL:.data",
    "get secrets -n shop --sort-by=.data.password",
    "get secrets -n shop -o yaml",
    "get all,secrets,configmaps -n shop -o yaml",
    "describe secret {name} -n shop",
    "describe configmap {name} -n shop",
    "get configmap {name} -n shop -o yaml",
    "get configmap {name} -n shop -o jsonpath={{.data}}",
    "get configmap {name} -n shop -o custom-columns=A:.data.DATABASE_URL",
    "get deployment {name} -n shop -o yaml",
    "get deployment {name} -n shop -o jsonpath={{..env}}",
    "get deployment {name} -n shop -o jsonpath={{..args}}",
    "get deployments -n shop -o custom-columns=ENV:.spec.template.spec.containers[*].env[*].value",
    "get pods -n shop -l app={name} -o json",
    "get pods -n shop -l app={name} -o wide",
    "describe deployment {name} -n shop",
    "describe pods -n shop -l app={name}",
    "get replicasets -n shop -l app={name} -o yaml",
    "rollout history deployment/{name} -n shop --revision=1",
    "events -n shop",
    "logs deployment/{name} -n shop",
)


def test_what_a_cluster_holds_is_shown_without_its_secrets(admin: Person, planted: str, canaries: Canaries) -> None:
    told: dict[str, list[str]] = {}
    with admin.chat() as chat:
        for line in READS:
            written = f"kubectl {line.format(name=planted)}"
            found = chat.say(written)
            assert not events_of(found, "preview"), written
            if seen := canaries.seen_in(json.dumps(found)):
                told[f"chat: {written}"] = seen
            reply = admin.http.post("/api/v1/commands", json={"line": written})
            if seen := canaries.seen_in(reply.text):
                told[f"terminal: {written}"] = seen
    assert told == {}


def test_what_people_type_and_change_is_kept_without_its_secrets(
    stack: LocalStack, admin: Person, planted: str, canaries: Canaries, collector: TraceCollector
) -> None:
    new, made = canaries.new, f"made-{canaries.run}"
    patch = json.dumps({"stringData": {"password": new("a patch")}}, separators=(",", ":"))
    manifest = yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"{made}-pasted", "namespace": NAMESPACE},
            "stringData": {"password": new("a pasted manifest")},
        }
    )
    wrong = yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"{made}_Wrong", "namespace": NAMESPACE},
            "stringData": {"password": new("a manifest that is refused")},
        }
    )
    changes = (
        f"kubectl create secret generic {made} -n shop --from-literal=password={new('a literal')}",
        f"kubectl patch secret {planted} -n shop --type=merge -p '{patch}'",
        f"kubectl set env deployment/{planted} -n shop SHOP_PASSWORD={new('a variable that is set')}",
        f"kubectl label secret {planted} -n shop canary=yes",
        f"kubectl annotate deployment {planted} -n shop note=postgres://u:{new('an annotation')}@db/x",
        f"kubectl apply -f -\n{manifest}",
        f"kubectl apply -f -\n{wrong}",
        f"kubectl delete secret {planted} -n shop",
    )
    told: dict[str, list[str]] = {}
    session = admin.new_chat()
    with admin.chat(session) as chat:
        for line in changes:
            events = chat.say(line)
            previews = events_of(events, "preview")
            if previews and "delete" not in line:
                events += chat.confirm(previews[0])
                assert "applied" in {one["state"] for one in events_of(events, "outcome")}, (line, events)
            said = [one for one in events if one["type"] != "say"]
            if seen := canaries.seen_in(json.dumps(said)):
                told[f"chat: {line.splitlines()[0][:60]}"] = seen
    ways_out = {
        "the conversation's history": admin.http.get(f"/api/v1/chat-sessions/{session}/messages").text,
        "the list of conversations": admin.http.get("/api/v1/chat-sessions").text,
        "the audit log": admin.http.get("/api/v1/audit/events", params={"limit": "500"}).text,
        "traces": json.dumps([[span.name, span.attributes] for span in collector.spans]),
        "the logs": "".join(path.read_text(errors="replace") for path in (stack.state / "logs").iterdir()),
    }
    for way, text in ways_out.items():
        assert text, way
        if seen := canaries.seen_in(text):
            told[way] = seen
    assert told == {}


def test_a_canary_that_is_told_would_be_noticed(canaries: Canaries) -> None:
    word = canaries.new("somewhere")
    for prefix in ("", "a", "ab"):
        coded = base64.b64encode(f"{prefix}{word}-and-more".encode()).decode()
        assert canaries.seen_in(f"data: {coded}") == ["somewhere"]
    assert canaries.seen_in(word) == ["somewhere"]
    assert canaries.seen_in("nothing") == []

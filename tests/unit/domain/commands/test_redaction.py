"""Planted secrets reach no output."""

from __future__ import annotations

import base64
import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.commands.changing.differences import unified_diff
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.reading.rendering import as_json, as_yaml
from app.domain.commands.redaction import (
    LineRedactor,
    redact_cells,
    redact_line,
    redact_object,
    redact_text,
    redact_typed,
)
from app.errors import ConflictError
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
CANARY = "c4n4ry-0123456789"


def secret(value: str) -> dict[str, Any]:
    encoded = base64.b64encode(value.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "s",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": f'{{"data":{{"k":"{encoded}"}}}}',
                "copied-by-somebody": value,
            },
            "managedFields": [{"manager": "x"}],
        },
        "data": {"k": encoded},
        "stringData": {"plain": value},
    }


@given(st.text(st.characters(categories=["L", "N"]), min_size=12, max_size=40))
@example("configuratio")
def test_a_secrets_values_are_in_no_rendering_of_it(value: str) -> None:
    encoded = base64.b64encode(value.encode()).decode()
    assume(value not in as_json(secret("")))  # such as "configuration", which a key's name holds
    for item in (
        secret(value),
        {"kind": "List", "items": [secret(value)]},
        {"kind": "SecretList", "items": [{k: v for k, v in secret(value).items() if k != "kind"}]},
    ):
        for text in (as_yaml(item), as_json(item)):
            assert value not in text
            assert encoded not in text


def test_a_secret_keeps_its_keys_and_sizes_and_the_original_is_left_alone() -> None:
    item = secret(CANARY)
    before = copy.deepcopy(item)
    shown = redact_object(item)
    assert item == before
    assert list(shown["data"]) == ["k"]
    assert f"{len(CANARY)} bytes" in shown["data"]["k"]


@pytest.mark.parametrize(
    "text",
    [
        f"connecting to postgres://shop:{CANARY}@orders-db:5432/shop",
        f"Authorization: Bearer {CANARY}",
        f"DATABASE_PASSWORD={CANARY}",
        f'{{"api_key": "{CANARY}"}}',
        f"token: {CANARY}",
        f"--db-password={CANARY}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----",
        f"eyJhbGciOiJIUzI1NiJ9.{CANARY.replace('-', '')}.{CANARY}",
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_texts(text: str) -> None:
    assert CANARY not in redact_text(text)
    assert CANARY.replace("-", "") not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "ERROR database password is missing: set DATABASE_PASSWORD",
        "GET /cart 200 12ms",
        "secretName refers to payments-api-secrets",
        "http://payments-api:8080/token/refresh answered 200",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact_text(text) == text


def test_environment_variables_named_like_secrets_and_last_applied_copies_are_hidden_everywhere() -> None:
    item = {
        "kind": "Deployment",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": f'{{"x":"{CANARY}"}}'}},
        "spec": {
            "template": {
                "spec": {
                    "containers": [
                        {
                            "env": [
                                {"name": "STRIPE_SECRET", "value": CANARY},
                                {"name": "DATABASE_URL", "value": f"postgres://u:{CANARY}@db/x"},
                                {"name": "LOG_LEVEL", "value": "info"},
                            ],
                            "args": [f"--admin-token={CANARY}"],
                        }
                    ]
                }
            }
        },
    }
    text = as_yaml(item)
    assert CANARY not in text
    assert "value: info" in text


async def test_a_description_and_a_diff_hide_what_yaml_hides() -> None:
    container = {"name": "web", "env": [{"name": "DB_PASSWORD", "value": CANARY}], "args": [f"--token={CANARY}"]}
    metadata = {"name": "web", "namespace": "shop", "annotations": {"note": f"Bearer {CANARY}"}}
    item = {"kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}

    def answering(asked: Asked) -> Any:
        if asked.path in {"/api", "/apis"}:
            name = {"/api": "api-aggregated-discovery", "/apis": "apis-aggregated-discovery"}[asked.path]
            return json.loads((RECORDINGS / f"{name}.json").read_text())
        return {"items": []} if asked.path.endswith("/events") else item

    engine = Engine({"prod-eu": ScriptedCluster(answering)}, current="prod-eu", known_types=known_types())
    line = parse("describe pod web", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    (result,) = await engine.read(line, ADA)
    assert "DB_PASSWORD" in str(result.to_event())
    assert CANARY not in str(result.to_event())
    changed = {**item, "spec": {"containers": [{**container, "image": "web:2"}]}}
    diff = unified_diff(item, changed, "web")
    assert "image: web:2" in diff
    assert CANARY not in diff


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
async def test_a_refusal_to_overwrite_tells_no_copy_of_a_secret(kind: str) -> None:
    copy_of_it = f'{{"data":{{"k":"{CANARY}"}}}}'
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": copy_of_it}
    metadata = {"name": "s", "namespace": "shop", "annotations": annotations}
    item = {"kind": kind, "metadata": {**metadata, "uid": "u", "resourceVersion": "1"}}

    def answering(asked: Asked) -> Any:
        if asked.path in {"/api", "/apis"}:
            name = {"/api": "api-aggregated-discovery", "/apis": "apis-aggregated-discovery"}[asked.path]
            return json.loads((RECORDINGS / f"{name}.json").read_text())
        return {"status": {"allowed": True}} if asked.method == "POST" else item

    engine = Engine({"prod-eu": ScriptedCluster(answering)}, current="prod-eu", known_types=known_types())
    typed = f"annotate {kind.lower()} s kubectl.kubernetes.io/last-applied-configuration=x"
    with pytest.raises(ConflictError, match="already has a value") as told:
        await engine.preview(parse(typed, cluster="prod-eu", namespace="shop", clusters=("prod-eu",)), ADA)
    assert CANARY not in told.value.message


@pytest.mark.parametrize(
    "typed",
    [
        f"kubectl create secret generic db --from-literal=conn={CANARY} --from-literal=user=shop",
        f"kubectl create secret generic db --from-literal 'conn={CANARY}'",
        f'kubectl create configmap db --from-literal=conn="{CANARY} and more"',
        f'kubectl patch secret db --type=merge -p \'{{"stringData":{{"conn":"{CANARY}"}}}}\'',
        f"kubectl apply -f -\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  conn: {CANARY}\n  user: a\n",
        f"kubectl apply -f -\napiVersion: v1\ndata:\n    conn: {CANARY}\nkind: Secret\n",
        f"kubectl apply -f -\nkind: Secret\ndata:\n  tls.key: |\n    {CANARY}\n\n    {CANARY}\n",
        f'kubectl apply -f -\n{{"kind":"Secret","data":{{"conn":"{CANARY}"}}}}',
        f"kubectl set env deploy/web DB_PASSWORD={CANARY}",
        f"use the password: {CANARY} for the shop",
    ],
)
def test_what_is_typed_is_kept_without_the_values_of_secrets(typed: str) -> None:
    kept = redact_typed(typed)
    assert CANARY not in kept
    assert kept.split()[:3] == typed.split()[:3]


@pytest.mark.parametrize(
    "typed",
    [
        "show me the pods in shop",
        "kubectl get secrets -n shop -o yaml",
        "kubectl apply -f -\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  mode: live\n",
        "why is web failing?",
    ],
)
def test_what_is_typed_without_secrets_is_kept_as_it_is(typed: str) -> None:
    assert redact_typed(typed) == typed


def test_a_private_key_of_several_lines_is_hidden_though_its_lines_come_one_by_one() -> None:
    redactor = LineRedactor()
    lines = [
        "before -----BEGIN RSA PRIVATE KEY-----",
        "MIIEowIBAAKCAQEA1234",
        "-----END RSA PRIVATE KEY-----",
        "after password=hunter22",
    ]
    said = [redactor.line(line) for line in lines]
    assert said == ["before -----(hidden)-----", "(hidden)", "(hidden)", "after password=(hidden)"]


@pytest.mark.parametrize(
    "text",
    [
        f'spec.template: Invalid value: core.EnvVar{{Name:"DB_PASSWORD", Value:"{CANARY}", ValueFrom:nil}}: immutable',
        f'{{"env":[{{"name":"DB_PASSWORD","value":"{CANARY}"}}]}}',
        f'{{"env":[{{"value":"a,b {CANARY}","name":"API_TOKEN"}}]}}',
        f'{{\\"name\\":\\"API_KEY\\",\\"value\\":\\"{CANARY}\\"}}',
        f"env:\n- name: DB_PASSWORD\n  value: a, b {CANARY}\n",
        f"env:\n- name: DB_PASSWORD\n  value: |\n    a\n    {CANARY}\n",
        f"env:\n- value: {CANARY}\n  name: DB_PASSWORD\n",
        f"env:\n- {{name: AUTH, value: {CANARY}}}\n",
        f'[{{"op":"replace","path":"/spec/template/spec/containers/0/env/0/value","value":"{CANARY}"}}]',
        f'password="a, {CANARY}"',
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}",
    ],
)
def test_a_variable_named_like_a_secret_is_hidden_however_its_name_and_value_are_written(text: str) -> None:
    assert CANARY not in redact_text(text)


@pytest.mark.parametrize(
    "data",
    [
        '{"a": "}", "b": "' + CANARY + '"}',
        "{a: '{', b: '" + CANARY + "'}",
        "{a: {b: " + CANARY + "}}",
        "{" + "".join(f'"k{number}":"x",' for number in range(400)) + f'"z":"{CANARY}"}}',
        f'{{"a":"x","b":"{CANARY}',
    ],
)
def test_a_secret_on_one_line_is_hidden_whatever_its_values_hold(data: str) -> None:
    kept = redact_typed(f"kubectl apply -f -\nkind: Secret\nmetadata: {{name: s}}\nstringData: {data}\ntype: Opaque\n")
    assert CANARY not in kept
    assert "name: s" in kept
    assert kept.endswith("type: Opaque\n")


def test_other_variables_stay_as_they_are() -> None:
    text = "- name: LOG\n  value: info\n- name: A_TOKEN\n  valueFrom: x\n- {name: B, value: c}\n"
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "line",
    [
        f"kubectl set env deploy/web 'DB_PASSWORD=a {CANARY}'",
        f"kubectl set env deploy/web 'DB_PASSWORD=p&{CANARY}' LOG=info",
        f"kubectl set env deploy/web AUTH={CANARY} CREDENTIALS={CANARY}",
        f'kubectl set env deploy/web DB_PASSWORD="a {CANARY}"',
        f"kubectl run x --image=a '--env=PRIVATE_KEY=a {CANARY}'",
    ],
)
def test_a_line_hides_variables_named_like_secrets_whatever_is_in_them(line: str) -> None:
    assert CANARY not in redact_line(line)
    assert CANARY not in redact_typed(line)
    assert redact_line("kubectl set env deploy/web LOG=info 'NOTE=a b'").endswith("LOG=info 'NOTE=a b'")


@pytest.mark.parametrize(
    "part",
    [
        "a.",
        "secret",
        "secret-",
        "eyJ-",
        "eyJaaaaaaaa.b.",
        "-----BEGIN PRIVATE KEY-----",
        "name: a value: ",
        "'a=",
        'data:{"',
    ],
)
def test_no_text_makes_looking_for_secrets_slow(part: str) -> None:
    """Such texts took minutes: a log's line, or what somebody types, held a whole replica."""
    text = "token value name env secret " + part * (64 * 1024 // len(part))
    started = time.process_time()
    redact_typed(text)
    assert time.process_time() - started < 2.0  # a tenth of it, and far more where a pattern looks again and again


def test_a_key_on_one_line_hides_no_line_below_it() -> None:
    redactor = LineRedactor()
    one = "-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----"
    assert [redactor.line(line) for line in (one, "next")] == ["-----(hidden)-----", "next"]


def test_cells_are_redacted_one_by_one_and_left_alone_where_nothing_is_secret() -> None:
    rows = [["a", "postgres://u:hunter22@db"], ["b", "token: abcdef"]]
    assert redact_cells(rows) == [["a", "postgres://u:(hidden)@db"], ["b", "token: (hidden)"]]
    plain = [["a", "b"]]
    assert redact_cells(plain) is plain


@pytest.mark.parametrize(
    "text",
    [
        "PASSWORD=hunter22",
        "my-passwd: hunter22",
        "clientSecret=hunter22",
        "api-key=hunter22",
        "API_KEY=hunter22",
        "apikey: hunter22",
        "access-key=hunter22",
        "accesskey=hunter22",
        "Token=hunter22",
        "authorization: bearer hunter2222",
        "Authorization: Basic hunter2222",
        "-----begin private key-----\nhunter22\n-----END PRIVATE KEY-----".replace(
            "begin private key", "BEGIN PRIVATE KEY"
        ),
    ],
)
def test_each_word_that_names_a_secret_hides_what_follows_it(text: str) -> None:
    assert "hunter22" not in redact_text(text)

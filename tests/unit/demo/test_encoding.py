"""What is read and written byte by byte: protobuf, patches, kubeconfigs, certificates, schedules, ages."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.demo import certificates
from app.demo.controllers.cron import Schedule
from app.demo.kinds import named
from app.demo.kubeconfig import kubeconfig
from app.demo.logs.reader import Run, lines
from app.demo.protobuf.decode import decode
from app.demo.quantities import quantity
from app.demo.status import StatusError
from app.demo.tables.durations import human_duration
from app.demo.writing.ownership import field_set, from_v1, to_v1
from app.demo.writing.patches import json_patch, merge_patch

# kubectl 1.32's own bytes: create deployment demo1 --image=nginx:1.27 --replicas=2 --port=80
REVIEW = "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwKBHNob3ASBmRlbGV0ZRoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA="


def message(*fields: tuple[int, bytes | int]) -> bytes:
    found = b""
    for number, value in fields:
        key = number << 3 | (0 if isinstance(value, int) else 2)
        found += bytes([key]) if key < 128 else bytes([key & 127 | 128, key >> 7])
        found += bytes([value]) if isinstance(value, int) else bytes([len(value)]) + value
    return found


def body(version: bytes, kind: bytes, raw: bytes) -> bytes:
    return b"k8s\0" + message((1, message((1, version), (2, kind))), (2, raw))


def test_a_protobuf_review_is_read() -> None:
    found = decode(base64.b64decode(REVIEW))
    assert found["kind"] == "SelfSubjectAccessReview"
    assert found["spec"]["resourceAttributes"] == {"namespace": "shop", "verb": "delete", "resource": "pods"}


def test_a_protobuf_scale_to_zero_is_a_zero_and_an_empty_name_is_none() -> None:
    spec = message((1, 0))
    scale = body(b"apps/v1", b"Deployment", message((1, message((1, b"web"), (3, b""))), (2, spec)))
    found = decode(scale)
    assert found["metadata"] == {"name": "web"}
    assert found["spec"] == {"replicas": 0}


def test_protobuf_volume_sources_are_their_volumes_fields() -> None:
    source = message((19, message((1, message((1, b"web-config"))))))  # configMap { localObjectReference { name } }
    volume = message((1, b"config"), (2, source))
    pod = body(b"v1", b"Pod", message((2, message((1, volume)))))
    assert decode(pod)["spec"]["volumes"] == [{"name": "config", "configMap": {"name": "web-config"}}]


def refusal(data: bytes) -> int | None:
    try:
        decode(data)
    except StatusError as error:
        return error.code
    return None


@given(st.binary(max_size=200))
def test_no_bytes_make_the_protobuf_reader_fail_otherwise_than_with_a_refusal(data: bytes) -> None:
    assert refusal(data) == 400
    for whole in (b"k8s\0" + data, body(b"v1", b"Pod", data[:100])):
        assert refusal(whole) in {None, 400}


def test_the_kubeconfig_names_all_clusters_and_the_current_one() -> None:
    text = kubeconfig(host="127.0.0.1", port=6443, token="t" * 20, authority_pem="PEM\n")
    found: Any = yaml.safe_load(text)
    assert found["current-context"] == "prod-eu"
    assert [entry["name"] for entry in found["contexts"]] == ["prod-eu", "prod-us", "staging"]
    assert found["clusters"][2]["cluster"]["server"] == "https://127.0.0.1:6443/clusters/staging"
    assert base64.b64decode(found["clusters"][0]["cluster"]["certificate-authority-data"]) == b"PEM\n"
    assert {entry["context"]["namespace"] for entry in found["contexts"]} == {"shop"}


def test_certificates_are_made_once_fit_together_and_are_private(tmp_path: Path) -> None:
    made = certificates.ensure(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    ssl.create_default_context(cafile=str(made.authority))
    assert made.key.stat().st_mode & 0o077 == 0
    before = made.certificate.read_bytes()
    assert certificates.ensure(tmp_path / "tls").certificate.read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == ["ca.crt", "server.crt", "server.key"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 3 * * *", "2026-11-24T03:30"),
        ("@hourly", "2026-11-23T13:00"),
        ("*/15 * * * *", "2026-11-23T12:15"),
        ("0 9 * * mon-fri", "2026-11-24T09:00"),
        ("0 0 1 1 *", "2027-01-01T00:00"),
        ("0 0 13 * fri", "2026-11-27T00:00"),
        ("5,10 12 * * *", "2026-11-23T12:05"),
    ],
)
def test_schedules_name_their_next_time(text: str, expected: str) -> None:
    found = Schedule(text).after(datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC))
    assert found.isoformat().startswith(expected)


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "* * * foo *", "5-1 * * * *", "*/0 * * * *"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Schedule(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (3 * 3600, "3h"), (3 * 3600 + 1800, "3h30m"),
     (8 * 3600, "8h"), (48 * 3600, "2d"), (50 * 3600, "2d2h"), (8 * 86400, "8d"), (800 * 86400, "2y70d")],
)  # fmt: skip
def test_ages_are_shown_as_by_kubectl(seconds: int, shown: str) -> None:
    assert human_duration(seconds) == shown


@pytest.mark.parametrize(
    ("text", "value"), [("100m", "0.1"), ("64Mi", "67108864"), ("2", "2"), ("1e3", "1000"), ("1E", "1e18")]
)
def test_quantities_are_read(text: str, value: str) -> None:
    from decimal import Decimal

    assert quantity(text) == Decimal(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text("ab~/", min_size=1, max_size=2), below, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_a_merge_patch_applied_twice_is_applied_once(document: Any, patch: Any) -> None:
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once


@given(st.dictionaries(st.text("ab~/", min_size=1, max_size=3), JSON, min_size=1, max_size=4), JSON)
def test_a_json_patch_can_be_tested_for_and_leaves_its_document_alone(document: dict[str, Any], value: Any) -> None:
    key = next(iter(document))
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    before = repr(document)
    patch = [{"op": "add", "path": pointer, "value": value}, {"op": "test", "path": pointer, "value": value}]
    assert json_patch(document, patch)[key] == value
    assert repr(document) == before


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=2), max_size=3))
def test_a_field_set_survives_being_written_and_read(data: dict[str, str]) -> None:
    wanted = {"metadata": {"labels": data, "name": "x"}, "data": data}
    fields = field_set(named("configmaps"), wanted)
    assert from_v1(to_v1(fields)) == fields


def test_a_log_reads_the_same_whenever_it_is_read() -> None:
    start = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    run = Run("uid", {"name": "web", "image": "nginx:1.27"}, start, None)
    middle, end = datetime(2026, 11, 23, 11, 20, 0, 333, tzinfo=UTC), datetime(2026, 11, 23, 11, 40, tzinfo=UTC)
    early = datetime(1970, 1, 1, tzinfo=UTC)
    whole = list(lines(run, early, end))
    assert whole == [*lines(run, early, middle), *lines(run, middle, end)]
    assert [line.at for line in whole] == sorted(line.at for line in whole)


def test_the_schemas_are_those_of_the_client_library() -> None:
    from app.demo.openapi.documents import SCHEMAS
    from app.demo.openapi.generate import generated

    assert SCHEMAS.read_text(encoding="utf-8") == generated(), "run python -m app.demo.openapi.generate"

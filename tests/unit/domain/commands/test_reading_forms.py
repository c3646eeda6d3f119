"""Ages, quantities, rollouts and YAML in kubectl's own forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import selector_of
from app.domain.commands.describing.lines import Lines, label_of, time_of
from app.domain.commands.quantities import mebibytes, millicores, percent, quantity
from app.domain.commands.reading.ages import age, human
from app.domain.commands.reading.ordering import natural, ordered
from app.domain.commands.reading.rendering import bounded, yaml_text
from app.domain.commands.reading.rollouts import status_line
from app.domain.commands.redaction import LAST_APPLIED
from app.errors import InvalidInputError


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (200, "3m20s"),
        (600, "10m"),
        (10799, "179m"),
        (10800, "3h"),
        (18720, "5h12m"),
        (28800, "8h"),
        (172799, "47h"),
        (172800, "2d"),
        (187200, "2d4h"),
        (691200, "8d"),
        (63071999, "729d"),
        (63072000, "2y"),
        (66528000, "2y40d"),
        (315360000, "10y"),
    ],
)
def test_durations_are_written_as_kubectl_writes_them(seconds: int, text: str) -> None:
    assert human(timedelta(seconds=seconds)) == text


def test_a_missing_time_is_unknown_and_a_future_one_invalid() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert age(None) == "<unknown>"
    assert age("not a time") == "<unknown>"
    assert age("2026-01-01T00:01:00Z", now) == "<invalid>"
    assert age("2025-12-31T23:59:30Z", now) == "30s"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250m", 0.25),
        ("2", 2.0),
        ("64Mi", 67108864.0),
        ("1G", 1e9),
        ("123456789n", 0.123456789),
        ("1e3", 1000.0),
        ("0", 0),
    ],
)
def test_quantities_are_numbers(text: str, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


def test_top_rounds_as_kubectl_does() -> None:
    assert millicores(quantity("20000001n")) == "21m"
    assert millicores(quantity("20m")) == "20m"
    assert mebibytes(quantity("97279Ki")) == "94Mi"
    assert percent(0.29, 8) == "3%"
    assert percent(1, 0) == "<unknown>"
    with pytest.raises(ValueError, match="no quantity"):
        quantity("many")


DEPLOYMENT = ResourceType("apps", "v1", "deployments", "deployment", "Deployment", namespaced=True)


def rollout(spec: dict[str, Any], status: dict[str, Any], generation: int = 1) -> str:
    metadata = {"name": "web", "generation": generation}
    return status_line(DEPLOYMENT, {"metadata": metadata, "spec": spec, "status": {"observedGeneration": 1, **status}})


@pytest.mark.parametrize(
    ("spec", "status", "generation", "text"),
    [
        ({"replicas": 3}, {}, 2, "Waiting for deployment spec update to be observed..."),
        ({"replicas": 3}, {"updatedReplicas": 1}, 1, "1 out of 3 new replicas have been updated..."),
        ({"replicas": 3}, {"updatedReplicas": 3, "replicas": 4}, 1, "1 old replicas are pending termination..."),
        (
            {"replicas": 3},
            {"updatedReplicas": 3, "replicas": 3, "availableReplicas": 2},
            1,
            "2 of 3 updated replicas are available...",
        ),
        (
            {"replicas": 3},
            {"updatedReplicas": 3, "replicas": 3, "availableReplicas": 3},
            1,
            'deployment "web" successfully rolled out',
        ),
        (
            {"replicas": 3},
            {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]},
            1,
            "exceeded its progress deadline",
        ),
    ],
)
def test_a_rollouts_state_is_told_in_kubectls_words(
    spec: dict[str, Any], status: dict[str, Any], generation: int, text: str
) -> None:
    assert text in rollout(spec, status, generation)


def test_yaml_is_quoted_as_kubectl_quotes_it_and_reads_back() -> None:
    value = {
        "a": "300",
        "b": "true",
        "c": "text",
        "d": "",
        "e": "two\nlines\n",
        "f": "2026-01-01T00:00:00Z",
        "g": "a: b",
    }
    text = yaml_text(value)
    assert 'a: "300"\n' in text
    assert "c: text\n" in text
    assert "e: |\n  two\n  lines\n" in text
    assert yaml.safe_load(text) == value


def test_a_long_text_is_cut_at_a_line() -> None:
    assert bounded("ab\ncd\nef\n", 7) == ("ab\ncd\n", True)
    assert bounded("ab\n", 7) == ("ab\n", False)


def test_rows_are_sorted_by_numbers_as_numbers_and_missing_ones_first() -> None:
    items: list[dict[str, Any]] = [{"s": [{"n": 10}]}, {"s": [{"n": 9}]}, {"s": []}, {}]
    with pytest.raises(InvalidInputError):
        ordered(items, ".s[0].n", lambda item: item)  # an empty list has no first one, and kubectl says so
    items = [{"s": [{"n": 10}]}, {"s": [{"n": 9}]}, {}]
    assert ordered(items, ".s[*].n", lambda item: item) == [{}, {"s": [{"n": 9}]}, {"s": [{"n": 10}]}]


@pytest.mark.parametrize(
    ("least", "more"),
    [("web-9", "web-10"), ("a", "b"), ("2", "10"), ("900m", "1"), ("512Mi", "1Gi"), ("web-01", "web-2"), ("a", "a1")],
)
def test_texts_are_sorted_naturally_and_quantities_by_their_size(least: str, more: str) -> None:
    items = [{"v": more}, {"v": least}]
    assert [item["v"] for item in ordered(items, "v", lambda item: item)] == [least, more]


def test_leading_zeros_decide_between_equal_numbers() -> None:
    assert natural("a1", "a01") < 0 < natural("a01", "a1")
    assert natural("a", "a") == 0


def test_an_order_tells_nothing_of_a_secrets_values() -> None:
    secrets = [{"kind": "Secret", "data": {"p": "enp6eg=="}}, {"kind": "Secret", "data": {"p": "YWFhYQ=="}}]
    assert ordered(secrets, ".data.p", lambda item: item) == secrets


def test_selectors_are_written_as_queries() -> None:
    assert selector_of({"app": "web", "tier": "front"}) == "app=web,tier=front"
    expressions = [
        {"key": "a", "operator": "In", "values": ["x", "y"]},
        {"key": "b", "operator": "Exists"},
        {"key": "c", "operator": "DoesNotExist"},
    ]
    assert selector_of({"matchLabels": {"app": "web"}, "matchExpressions": expressions}) == "app=web,a in (x,y),b,!c"
    assert selector_of(None) == ""


def test_fields_are_aligned_and_what_is_below_is_indented() -> None:
    lines = Lines()
    lines.write(0, "Name:\tweb")
    lines.write(0, "Namespace:\tshop")
    lines.mapping("Labels", {"c": "d", "a": "b"})
    lines.annotations({"long": "x" * 200, LAST_APPLIED: "{}"})
    lines.flush()
    lines.write(0, "Events:")
    lines.write(1, "Type\tReason")
    lines.write(1, "Normal\tPulled")
    assert lines.text().splitlines() == [
        "Name:         web",
        "Namespace:    shop",
        "Labels:       a=b",
        "              c=d",
        "Annotations:  long:",
        f"                {'x' * 138}...",
        "Events:",
        "  Type    Reason",
        "  Normal  Pulled",
    ]


@pytest.mark.parametrize(
    ("field", "label"),
    [("creationTimestamp", "Creation Timestamp"), ("apiVersion", "API Version"), ("a.b", "a.b"), ("uid", "UID")],
)
def test_fields_of_unknown_kinds_are_written_as_words(field: str, label: str) -> None:
    assert label_of(field) == label


def test_times_are_written_as_go_writes_them() -> None:
    assert time_of("2026-11-13T23:07:40Z") == "Fri, 13 Nov 2026 23:07:40 +0000"

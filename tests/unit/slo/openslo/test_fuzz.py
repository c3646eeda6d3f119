"""Whatever a file holds, the reader answers with rules or with its own kind of fault, and never with anything else."""

import copy

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.objectives import OBJECTIVES
from slo.openslo.annotations import OF_CONDITION, OF_POLICY, OF_SLI, OF_SLO
from slo.openslo.document import KINDS
from slo.openslo.exporting import documents
from slo.openslo.faults import OpenSLOError
from slo.openslo.reading import read
from slo.rule import rule_file
from slo.writer import yaml_file
from tests.unit.slo.openslo.samples import (
    AVAILABILITY,
    FILE,
    condition,
    document,
    measured,
    metric,
    policy,
    ratio,
    slo,
    text,
)

FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

VALID = [
    *documents(OBJECTIVES[:2]),
    document("SLI", "named", AVAILABILITY),
    slo("by-name", indicator=None, indicatorRef="named"),
    slo(
        "with-policies",
        alertPolicies=[policy("a"), policy("b", threshold=6, lookbackWindow="6h"), {"alertPolicyRef": "c"}],
    ),
    document("AlertCondition", "burns", condition()),
    document("AlertPolicy", "c", {"alertWhenBreaching": True, "conditions": [{"conditionRef": "burns"}]}),
    slo(
        "calendar", timeWindow=[{"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"}}]
    ),
    slo(
        "slices",
        budgetingMethod="Timeslices",
        objectives=[{"target": 0.9, "timeSliceTarget": 0.9, "timeSliceWindow": 5}],
    ),
    measured({"thresholdMetric": metric("a / b")}, objectives=[{"target": 0.9, "op": "gt", "value": 1}], service="x"),
    slo("composite", indicator=None, objectives=[{"target": 0.9, "indicatorRef": "named", "compositeWeight": 1}]),
]

FIELDS = sorted({word for line in text(*VALID).split() for word in [line.rstrip(":")] if line.endswith(":")})
ANNOTATIONS = sorted(OF_SLO | OF_SLI | OF_POLICY | OF_CONDITION)
WORDS = [
    *KINDS, "openslo/v1", "Occurrences", "Timeslices", "RatioTimeslices", "burnrate", "gt", "lte", "success", "Prometheus",
    "30d", "1M", "0m", "9999999Y", "5m", "sum(x", "x{", "sum(x) + avg(y)", "sum by (le) (x)", "x offset 5m", "{{", "", " ",
    "1e999", "-1", "١", "\ud7ff", "\x07", "🙂", "\u2028", "named", "burns", "page", "ratio", "latency", "counters", "none",
    "[1, 2]", '{"a": "b"}', '{"total": [{"a": "b"}]}', "[[[[", "long", "short", "true", "false", "UTC", "2026-13-01 00:00:00",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS + ANNOTATIONS), inner, max_size=6)
    ),
    max_leaves=25,
)


def answers(data: bytes) -> None:
    """Either rules that can be written, or faults, each on one line."""
    try:
        found = read(data, FILE)
    except OpenSLOError as exc:
        lines = exc.lines
        assert lines
    else:
        assert found.groups
        assert yaml.safe_load(yaml_file("x.yaml", rule_file(found.groups)).text)
        lines = tuple(loss.line(FILE) for loss in found.losses)
    assert all(line.startswith(f"{FILE}: ") and line.isprintable() for line in lines), lines


@FEW
@given(st.lists(values, max_size=4))
def test_any_structure_is_answered(found):
    answers(text(*found).encode("utf-8", "surrogatepass"))


@FEW
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "apiVersion": st.just("openslo/v1"),
                "kind": st.sampled_from(KINDS),
                "metadata": st.fixed_dictionaries(
                    {"name": st.sampled_from(["a", "b", "named"])},
                    optional={"annotations": st.dictionaries(st.sampled_from(ANNOTATIONS), scalars, max_size=4)},
                ),
                "spec": values,
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_specification_is_answered(found):
    answers(text(*found).encode())


def places(value, path=()):
    """The way to each value inside."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


PLACES = [path for path in places(VALID) if path]


@st.composite
def mutated(draw):
    """A sound file with some of its values changed, removed, doubled or moved."""
    changed = copy.deepcopy(VALID)
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(PLACES))
        try:
            above = changed
            for step in way:
                above = above[step]
            change = draw(st.sampled_from(["replace", "remove", "add", "copy"]))
            if change == "replace":
                above[last] = draw(values)
            elif change == "remove":
                del above[last]
            elif change == "copy":
                above[last] = copy.deepcopy(draw(st.sampled_from(changed)))
            elif isinstance(above[last], dict):
                above[last][draw(st.sampled_from(FIELDS + ANNOTATIONS))] = draw(values)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return changed


@FEW
@given(mutated())
def test_any_change_of_a_sound_file_is_answered(changed):
    answers(text(*changed).encode())


@FEW
@given(st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 40)), min_size=1, max_size=4))
def test_any_damage_to_a_sound_file_is_answered(damages):
    data = SOUND
    for where, put, cut in damages:
        place = where % len(data)
        data = data[:place] + put + data[place + cut :]
    answers(data)


SOUND = text(*VALID[-9:]).encode()


@FEW
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda found: found.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_answered(data):
    answers(data)


pieces = st.sampled_from(
    ["sum", "rate", "avg", " by (a) ", "(", ")", "x_total", "{", "}", 'a="b"', 'le="1"', "[5m]", "[{{.window}}]", " + ", " - ", " or ", "vector(0)", ",", "#", '"', "'", "`", "\\", "offset 5m", "@ end()", "5", " ", "\n", "$x", "é"]
)  # fmt: skip


@FEW
@given(
    st.lists(pieces, max_size=12).map("".join),
    st.lists(pieces, max_size=12).map("".join),
    st.sampled_from(["good", "bad", "raw", "value"]),
)
def test_any_query_is_answered(first, second, role):
    if role == "value":
        answers(
            text(
                measured({"thresholdMetric": metric(first)}, objectives=[{"target": 0.9, "op": "gt", "value": 1}])
            ).encode()
        )
    elif role == "raw":
        answers(text(measured(ratio(raw=first, rawType="success"))).encode())
    else:
        answers(text(slo("kept"), measured(ratio(total=second, **{role: first}))).encode())


def test_the_file_that_is_changed_is_sound():
    read(text(*VALID).encode(), FILE)
    assert len(PLACES) > 500

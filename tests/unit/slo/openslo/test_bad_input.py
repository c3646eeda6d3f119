"""A file with faults makes no rules, and all of its faults are told at once: one sentence each, with its place."""

import math

import pytest

from slo.openslo import loading
from slo.openslo.faults import OpenSLOError
from slo.openslo.reading import read, read_file
from tests.unit.slo.openslo.samples import (
    AVAILABILITY,
    FILE,
    condition,
    document,
    faults,
    faults_of,
    measured,
    metric,
    policy,
    ratio,
    slo,
    text,
)

HERE = "slos.yaml: document 1 (SLO checkout): "
PATH = "spec.indicator.spec.ratioMetric"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "slos.yaml: it is empty: there is no document in it"),
        (b"---\n---\n# nothing\n", "slos.yaml: it is empty: there is no document in it"),
        (b"\x00\x01\x02", "slos.yaml: it is no YAML: there are characters in it that are no text"),
        (b"\xff\xfe\x00", "slos.yaml: it is no text in UTF-8 (byte 1)"),
        (b"just text", 'slos.yaml: document 1: an object of OpenSLO is a mapping, and this is the text "just text"'),
        (b"- 1\n- []\n", "slos.yaml: document 1, item 1: an object of OpenSLO is a mapping, and this is the number 1"),
        (b"a: [", "slos.yaml: document 1: it is no YAML: did not find expected node content (line 2)"),
        (b"a:\n\tb: 1", "slos.yaml: document 1: it is no YAML: found character that cannot start any token (line 2)"),
        (b"[" * 100_000, "slos.yaml: document 1: it is nested more than 50 levels deep (line 1)"),
        (
            b"a: &x [1]\nb: *x\n",
            "slos.yaml: document 1: an alias (*x) is not read: write out what it stands for (line 2)",
        ),
        (b"*x : 1\n", "slos.yaml: document 1: an alias (*x) is not read: write out what it stands for (line 1)"),
        (b"a: 1\na: 2\n", 'slos.yaml: document 1: the field "a" is there twice (line 2)'),
        (b"a: {b: 1, b: 2}\n", 'slos.yaml: document 1: a: the field "b" is there twice (line 1)'),
        (b"? [a]\n: 1\n", "slos.yaml: document 1: a mapping or a list is no name of a field (line 1)"),
        (b"a: !!python/object:os.system x", '"tag:yaml.org,2002:python/object:os.system" is not read (line 1)'),
        (b"a: !!set {x}", 'the tag "tag:yaml.org,2002:set" is not read (line 1)'),
    ],
)
def test_what_is_no_such_file_is_said(data, sentence):
    assert any(sentence in line for line in faults_of(data)), faults_of(data)


def test_a_billion_laughs_are_not_laughed():
    laughs = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    laughs += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    found = faults_of("\n".join(laughs).encode())
    assert len(found) == 8 + 1  # an alias is told once a line and list; and there is no apiVersion
    assert all("an alias" in line for line in found[:-1])


def test_a_file_is_not_read_beyond_its_bounds(monkeypatch, tmp_path):
    monkeypatch.setattr(loading, "LARGEST_FILE_BYTES", 1024**2)
    (tmp_path / FILE).write_bytes(b"a" * 1024**2 + b"aa")
    with pytest.raises(OpenSLOError, match=r"it is larger than 1 MiB"):
        read_file(tmp_path / FILE)
    monkeypatch.setattr(loading, "MOST_VALUES", 10)
    assert "more than 10 values" in faults_of(b"[" + b"1," * 20 + b"]")[0]


def test_what_is_no_readable_file_is_said(tmp_path, monkeypatch):
    with pytest.raises(OpenSLOError, match="it is a directory"):
        read_file(tmp_path)
    with pytest.raises(OpenSLOError, match="there is no such file"):
        read_file(tmp_path / "none.yaml")
    with pytest.raises(OpenSLOError, match="it cannot be read"):
        read_file(tmp_path / ("x" * 300))
    with pytest.raises(OpenSLOError, match="it cannot be read"):
        read_file(tmp_path / "a\0b")

    def closed(*_):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", closed)
    with pytest.raises(OpenSLOError, match="it is closed to you"):
        read_file(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"apiVersion": "openslo/v1alpha"}, 'apiVersion: "openslo/v1alpha" is not read, only openslo/v1'),
        ({"apiVersion": "openslo.com/v2alpha"}, 'apiVersion: "openslo.com/v2alpha" is not read, only openslo/v1'),
        ({"apiVersion": None}, "apiVersion: it is required, and missing"),
        ({"apiVersion": 1}, "apiVersion: it has to be text, not the number 1"),
        ({"apiVersion": None, "version": "prometheus/v1"}, 'version: "prometheus/v1" is a format of Sloth\'s'),
        ({"kind": "Thing"}, "kind: it has to be one of DataSource, Service, SLI, SLO, AlertPolicy, AlertCondition, "),
        ({"kind": None}, "kind: it is required, and missing"),
        ({"metadata": None}, "metadata: it is required, and missing"),
        ({"metadata": []}, "metadata: it has to be a mapping, not a list"),
        ({"metadata": {}}, "metadata.name: it is required, and missing"),
        ({"metadata": {"name": " "}}, "metadata.name: it is empty"),
        ({"metadata": {"name": "a b"}}, "metadata.name: a name has no spaces and up to 255 characters"),
        ({"metadata": {"name": "a" * 256}}, "metadata.name: a name has no spaces and up to 255 characters"),
        ({"metadata": {"name": 5}}, "metadata.name: it has to be text, not the number 5"),
        ({"spec": None}, "spec: it is required, and missing"),
        ({"spec": "x"}, 'spec: it has to be a mapping, not the text "x"'),
    ],
)
def test_a_header_that_is_none_is_said(header, sentence):
    assert any(sentence in line for line in faults(slo() | header)), faults(slo() | header)


def test_two_objects_of_a_kind_with_the_same_name_are_refused():
    assert faults(slo(), document("Service", "checkout", {}), slo()) == [
        "slos.yaml: document 3 (SLO checkout): metadata.name: document 1 has this kind and name already"
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"service": None}, "spec.service: it is required, and missing"),
        ({"service": ""}, "spec.service: it is empty"),
        ({"budgetingMethod": None}, "spec.budgetingMethod: it is required, and missing"),
        ({"budgetingMethod": "Sometimes"}, "it has to be one of Occurrences, Timeslices, RatioTimeslices"),
        ({"indicatorRef": "x"}, "indicator and indicatorRef are both there, and one is possible"),
        ({"indicator": None}, "spec: either indicator or indicatorRef is required"),
        ({"indicator": None, "indicatorRef": "x"}, 'spec.indicatorRef: there is no SLI "x" in this file'),
        ({"indicator": {}}, "spec.indicator.spec: it is required, and missing"),
        ({"indicator": {"spec": {}}}, "ratioMetric and thresholdMetric: one of the two is required"),
        ({"objectives": None}, "spec.objectives: it is required, and missing"),
        ({"objectives": []}, "spec.objectives: it is empty"),
        ({"objectives": {"target": 1}}, "spec.objectives: it has to be a list, not a mapping"),
        ({"objectives": [5]}, "spec.objectives[0]: it has to be a mapping, not the number 5"),
        ({"objectives": [{}]}, "spec.objectives[0]: target and targetPercent: one of the two is required"),
        ({"objectives": [{"target": 0.9, "targetPercent": 90}]}, "target and targetPercent: both are there"),
        ({"objectives": [{"target": 1}]}, "spec.objectives[0].target: a target of 100 % leaves no budget"),
        ({"objectives": [{"targetPercent": 100}]}, "targetPercent: a target of 100 % leaves no budget"),
        ({"objectives": [{"target": 0}]}, "spec.objectives[0].target: a target of 0 promises nothing"),
        ({"objectives": [{"target": 99.9}]}, "a target of 99.9 is not a share between 0 and 1"),
        ({"objectives": [{"target": -0.1}]}, "a target of -0.1 is not a share between 0 and 1"),
        ({"objectives": [{"target": "0.9"}]}, 'target: it has to be a number, not the text "0.9"'),
        ({"objectives": [{"target": True}]}, "target: it has to be a number, not true"),
        ({"objectives": [{"target": math.nan}]}, "target: nan is no number to reckon with"),
        ({"objectives": [{"target": math.inf}]}, "target: inf is no number to reckon with"),
        ({"objectives": [{"target": 10**17}]}, "is no number to reckon with"),
        ({"objectives": [{"target": 0.9, "indicatorRef": "x"}]}, "at the SLO or at each of its objectives"),
        ({"timeWindow": []}, "spec.timeWindow: exactly one time window is possible"),
        ({"timeWindow": {"duration": "30d"}}, "spec.timeWindow: it has to be a list, not a mapping"),
        ({"timeWindow": [{"isRolling": True}]}, "spec.timeWindow[0].duration: it is required, and missing"),
        ({"timeWindow": [{"duration": "30d"}]}, "spec.timeWindow[0]: either isRolling: true or a calendar is required"),
        ({"timeWindow": [{"duration": "30d", "isRolling": "yes"}]}, 'it has to be true or false, not the text "yes"'),
        ({"timeWindow": [{"duration": "90d", "isRolling": True}]}, "its period of 90d is longer than samples are kept"),
        ({"timeWindow": [{"duration": "1Y", "isRolling": True}]}, "its period of 365d is longer than samples are kept"),
        ({"timeWindow": [{"duration": "0d", "isRolling": True}]}, "a period of no length has no budget"),
    ],
)
def test_an_slo_that_contradicts_itself_or_lacks_something_is_refused(changes, sentence):
    found = faults(slo(**changes))
    assert any(line.startswith(HERE) and sentence in line for line in found), found


@pytest.mark.parametrize(
    "duration", ["-5m", "5", "1.5h", "5 m", "m", "5x", "5D", "1h30m", "99999999d", "١d", "", 5, 1.5, True, [], "05m"]
)
def test_what_is_no_length_of_time_is_refused(duration):
    found = faults(slo(timeWindow=[{"duration": duration, "isRolling": True}]))
    assert len(found) == 1
    assert found[0].startswith(f"{HERE}spec.timeWindow[0].duration: ")


@pytest.mark.parametrize(
    ("calendar", "sentence"),
    [
        ({}, "calendar.startTime: it is required, and missing"),
        ({"startTime": "2026-01-01 00:00:00"}, "calendar.timeZone: it is required, and missing"),
        ({"startTime": "soon", "timeZone": "UTC"}, 'calendar.startTime: "soon" is no time like 2026-01-31 12:30:00'),
        ({"startTime": "2026-02-30 00:00:00", "timeZone": "UTC"}, "is no time like"),
        ([], "calendar: it has to be a mapping, not a list"),
    ],
)
def test_a_calendar_that_is_none_is_refused(calendar, sentence):
    (found,) = {line for line in faults(slo(timeWindow=[{"duration": "1M", "calendar": calendar}])) if sentence in line}
    assert found.startswith(f"{HERE}spec.timeWindow[0].calendar")


def test_a_rolling_window_has_no_calendar():
    calendar = {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"}
    (found,) = faults(slo(timeWindow=[{"duration": "1M", "isRolling": True, "calendar": calendar}]))
    assert found == f"{HERE}spec.timeWindow[0].calendar: a rolling window follows no calendar"


@pytest.mark.parametrize(
    ("sli", "sentence"),
    [
        (ratio(good="a", bad="b", total="c"), f"{PATH}: good and bad: both are there, and one is possible"),
        (ratio(total="c"), f"{PATH}: good and bad: one of the two is required beside total"),
        (ratio(good="a"), f"{PATH}.total: it is required beside good or bad, and missing"),
        (ratio(good="a", total="b", rawType="success"), f"{PATH}.rawType: it says what raw is, and there is no raw"),
        (ratio(raw="a", total="b", rawType="success"), f"{PATH}.raw: it is a ratio by itself"),
        (ratio(raw="a"), f"{PATH}.rawType: it is required, and missing"),
        (ratio(raw="a", rawType="x"), f"{PATH}.rawType: it has to be one of success, failure"),
        ({"ratioMetric": 5}, f"{PATH}: it has to be a mapping, not the number 5"),
        (AVAILABILITY | {"thresholdMetric": metric("x")}, "ratioMetric and thresholdMetric: both are there"),
        (ratio(good={}, total="b"), f"{PATH}.good.metricSource: it is required, and missing"),
        (ratio(good="sum(a", total="b"), f"{PATH}.good.metricSource.spec.query: this query does not parse"),
        (ratio(good="a", total=""), f"{PATH}.total.metricSource.spec.query: it is empty"),
        (ratio(good="a", total="(" * 31 + "a" + ")" * 31), "nested more than 30 brackets deep"),
        (ratio(good="a", total="a+" * 90 + "a"), "has more than 80 operators"),
        (ratio(good="a", total=f'a{{b="{"x" * 5000}"}}'), "longer than 4096 characters"),
        (ratio(good="a", total=metric("b", type=None)), "either type or metricSourceRef is required"),
        (ratio(good="a", total=metric("b", spec=None)), "metricSource.spec: it is required, and missing"),
        (ratio(good="a", total=metric("b", spec={})), "metricSource.spec.query: it is required, and missing"),
        (ratio(good="a", total=metric("b", spec={"query": 5})), "query: it has to be text, not the number 5"),
        (ratio(good="a", total=metric("b", spec={"query": "b", "promql": "b"})), "query and promql are both there"),
        (
            ratio(good="a", total=metric("b", type=None, metricSourceRef="x")),
            'metricSourceRef: there is no DataSource "x" in this file, and no type beside it',
        ),
    ],
)
def test_an_sli_that_contradicts_itself_or_lacks_something_is_refused(sli, sentence):
    found = faults(measured(sli))
    assert any(line.startswith(HERE) and sentence in line for line in found), found


def test_a_type_that_is_not_its_data_sources_is_refused():
    source = document("DataSource", "metrics", {"type": "Datadog", "connectionDetails": {}})
    sli = ratio(good=metric("a", metricSourceRef="metrics"), total="b")
    assert any(
        'it is "Prometheus", and that of its DataSource is "Datadog"' in line for line in faults(source, measured(sli))
    )


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("fast", 'spec.alertPolicies[0]: it has to be a mapping, not the text "fast"'),
        ({"alertPolicyRef": "x"}, 'spec.alertPolicies[0].alertPolicyRef: there is no AlertPolicy "x" in this file'),
        ({"alertPolicyRef": "x", "spec": {}}, "a policy is either referred to or written here, and not both"),
        ({}, "spec.alertPolicies[0].spec: it is required, and missing"),
        (policy() | {"kind": "AlertCondition"}, "spec.alertPolicies[0].kind: it has to be one of AlertPolicy"),
        (policy(spec={"conditions": None}), "spec.conditions: it is required, and missing"),
        (policy(spec={"conditions": []}), "spec.conditions: it is empty"),
        (policy(spec={"conditions": [{"spec": condition()}] * 2}), "a policy has one condition in OpenSLO v1"),
        (policy(spec={"conditions": [{"conditionRef": "x"}]}), 'there is no AlertCondition "x" in this file'),
        (policy(spec={"conditions": [{"conditionRef": "x", "spec": {}}]}), "referred to or written here, and not both"),
        (policy(spec={"alertWhenBreaching": 1}), "alertWhenBreaching: it has to be true or false, not the number 1"),
        (policy(severity=None), "severity: it is required, and missing"),
        (policy(kind="latency"), 'condition.kind: it has to be burnrate, not "latency"'),
        (policy(op=None), "condition.op: it is required, and missing"),
        (policy(op=">"), "condition.op: it has to be one of lt, lte, gt, gte"),
        (policy(threshold=None), "condition.threshold: it is required, and missing"),
        (policy(threshold="14"), "condition.threshold: it has to be a number"),
        (policy(threshold=math.inf), "condition.threshold: inf is no number to reckon with"),
        (policy(threshold=1e9), "nothing burns 1e+09 times as fast as it may"),
        (policy(threshold=0), "tier fast-burn: a factor of 0 would always fire"),
        (policy(threshold=-1), "tier fast-burn: a factor of -1 would always fire"),
        (policy(threshold=1000), "tier fast-burn can never fire"),
        (policy(lookbackWindow=None), "condition.lookbackWindow: it is required, and missing"),
        (policy(lookbackWindow="0m"), "over a window of no length nothing is measured"),
        (policy(lookbackWindow="40d", threshold=1), "the window 40d is longer than samples are kept (35d)"),
        (policy(lookbackWindow="2m"), "the short window 2m is not shorter than the long one 2m"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(entry, sentence):
    found = faults(slo(alertPolicies=[entry]))
    assert any(line.startswith(HERE) and sentence in line for line in found), found


def test_two_policies_of_one_name_are_refused():
    assert any("two tiers are called fast-burn" in line for line in faults(slo(alertPolicies=[policy(), policy()])))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("minimum-bad-event", "5", "there is no such annotation on an object of this kind"),
        ("indicator", "ratio", "there is no such annotation on an object of this kind"),
        ("minimum-bad-events", "0", 'it has to be a whole number, 1 or more, not "0"'),
        ("minimum-bad-events", "١", "it has to be a whole number, 1 or more"),
        ("minimum-events", "9" * 99, "it has to be a whole number, 1 or more"),
        ("minimum-events", 5, "it has to be text, not the number 5"),
        ("presence-grouped", "yes", 'it has to be one of true, false, not "yes"'),
        ("calendar-month", "1", "it has to be one of true, false"),
        ("excludes-maintenance", "", "it has to be one of true, false"),
        ("period-seconds", "60", "it is not what timeWindow says"),
        ("tiers", "none", "it says that there are none, and alertPolicies lists some"),
        ("grouping", "1a", "'1a' is not the name of a label"),
        ("grouping", "slo", "it cannot be kept apart by its own label 'slo'"),
    ],
)
def test_an_annotation_of_ours_that_cannot_be_is_refused(name, value, sentence):
    annotations = {"annotations": {f"kubechat.io/{name}": value}}
    found = faults(slo(metadata=annotations, alertPolicies=[policy()]))
    assert any(sentence in line for line in found), found


def test_groups_of_queries_and_of_an_annotation_have_to_agree():
    sli = ratio(bad="sum by (a) (x)", total="sum by (a) (y)")
    (found,) = faults(measured(sli, metadata={"annotations": {"kubechat.io/grouping": "b"}}))
    assert "its queries are kept apart by a, and kubechat.io/grouping says otherwise" in found


def test_what_stands_in_place_of_an_alias_is_not_told_as_missing():
    found = faults_of(text(slo()).replace("service: shop", "service: *x").encode())
    assert len(found) == 1
    assert found[0].startswith(f"{HERE}spec: an alias (*x) is not read")


def test_several_objectives_have_no_id_in_common():
    annotations = {"annotations": {"kubechat.io/id": "one"}}
    (found,) = faults(slo(metadata=annotations, objectives=[{"target": 0.9}, {"target": 0.99}]))
    assert "kubechat.io/id: several objectives cannot have one id" in found


def annotated(sli, **annotations):
    named = {f"kubechat.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return slo(indicator={"metadata": {"name": "sli", "annotations": named}, "spec": sli})


BUCKETS = ratio(good='sum(x_bucket{le=~"0\\\\.5"})', total="sum(x_count)")


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (annotated(AVAILABILITY, indicator="guess"), "it has to be one of ratio, counters, latency"),
        (annotated(AVAILABILITY, bad_labels="code"), "it has no meaning without kubechat.io/indicator: ratio"),
        (annotated(AVAILABILITY, indicator="ratio", bad_labels="job"), "its queries are not what"),
        (annotated(AVAILABILITY, indicator="ratio"), "its queries are not what"),
        (
            annotated(AVAILABILITY, indicator="latency", threshold_seconds="1", buckets="[1]"),
            "its queries are not what",
        ),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="0.2", buckets="[0.5]"), "its queries are not what"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="0.5"), "its queries are not what"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="0.5", buckets="[1.0]"), "has no bucket at 0.5 s"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="0", buckets="[1.0]"), "a number above zero"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="x", buckets="[1.0]"), "a number above zero"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="1", buckets="[NaN]"), "a list of numbers in JSON"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="1", buckets="5"), "a list of numbers in JSON"),
        (annotated(BUCKETS, indicator="latency", threshold_seconds="1", buckets="[" * 9999), "it is no JSON"),
        (annotated(AVAILABILITY, presence="sum(x)"), "it has to be the name of a metric"),
        (annotated(AVAILABILITY, presence="x{"), "this query does not parse"),
        (annotated(AVAILABILITY, good_example="[]"), "an object in JSON whose values are texts"),
        (annotated(AVAILABILITY, good_example="{"), "it is no JSON"),
        (annotated(AVAILABILITY, examples='{"total": {}}'), "an object in JSON that lists labels by role"),
    ],
)
def test_annotations_that_are_not_what_the_queries_say_are_refused(held, sentence):
    found = faults(held)
    assert any(sentence in line for line in found), found


def test_one_half_of_a_tier_is_refused():
    half = policy()
    half["metadata"]["annotations"] = {"kubechat.io/tier": "page-fast", "kubechat.io/window": "long"}
    (found,) = faults(slo(alertPolicies=[half]))
    assert 'the tier "page-fast" needs one policy with a long window and one with a short' in found
    other = policy("other", threshold=6, lookbackWindow="5m")
    other["metadata"]["annotations"] = {"kubechat.io/tier": "page-fast", "kubechat.io/window": "short"}
    (found,) = faults(slo(alertPolicies=[half, other]))
    assert 'both policies of the tier "page-fast" need the same threshold and severity' in found
    del half["metadata"]["annotations"]["kubechat.io/window"]
    assert any(
        "kubechat.io/tier and kubechat.io/window go together" in line for line in faults(slo(alertPolicies=[half]))
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    found = faults(
        slo("one", service=None, objectives=[{"target": 2}, {"target": 0.9, "op": "like"}]),
        {"apiVersion": "openslo/v2alpha", "kind": "SLO", "metadata": {"name": "two"}},
        document("AlertCondition", "three", condition(threshold="x")),
        slo(
            "four",
            indicator={"spec": ratio(good="sum(", total="sum)")},
            timeWindow=[{"duration": "x", "isRolling": True}],
        ),
    )
    assert [line.split(": ", 3)[1:3] for line in found] == [
        ["document 1 (SLO one)", "spec.service"],
        ["document 1 (SLO one)", "spec.objectives[0].target"],
        ["document 1 (SLO one)", "spec.objectives[1].op"],
        ["document 2 (SLO two)", "apiVersion"],
        ["document 3 (AlertCondition three)", "spec.condition.threshold"],
        ["document 4 (SLO four)", "spec.timeWindow[0].duration"],
        ["document 4 (SLO four)", "spec.indicator.spec.ratioMetric.total.metricSource.spec.query"],
        ["document 4 (SLO four)", "spec.indicator.spec.ratioMetric.good.metricSource.spec.query"],
    ]


def test_a_sentence_stays_on_its_line_whatever_a_name_holds():
    data = text(slo(service=None)).replace("checkout", '"check\\nout\\e[31m"').encode()
    assert all("\n" not in line and "\x1b" not in line for line in faults_of(data))
    assert "check\\nout\\x1b[31m" in faults_of(data)[0]


def test_the_file_is_named_in_full_and_a_long_text_is_cut():
    file = "folder/" * 40 + FILE
    with pytest.raises(OpenSLOError) as raised:
        read(text(slo(budgetingMethod="x" * 999)).encode(), file)
    (line,) = raised.value.lines
    assert line.startswith(f"{file}: document 1 ")
    assert len(line) < len(file) + 250


@pytest.mark.parametrize(
    "documents",
    [
        (document("Service", "shop", {}),),
        (measured(ratio(good=metric("x", type="Datadog"), total=metric("x", type="Datadog"))),),
    ],
)
def test_a_file_that_makes_no_rules_is_refused(documents):
    found = faults(*documents)
    assert found[-1] in {
        "slos.yaml: there is no SLO in it",
        "slos.yaml: none of its SLOs can be carried over",
    }


def test_a_dollar_in_a_condition_is_no_variable():
    assert faults(measured(ratio(good='sum(a{b="c$d"})', total="sum(a)"))) == []


def test_a_fault_is_an_error_whose_text_holds_all_of_them():
    with pytest.raises(OpenSLOError) as raised:
        read(b"a: 1\na: 2", FILE)
    assert str(raised.value).splitlines() == list(raised.value.lines)
    assert raised.value.file == FILE

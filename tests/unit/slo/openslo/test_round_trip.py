"""What is exported and read again is what it was: of the catalogue, and of any objective that works."""

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from alerts.objectives import OBJECTIVES
from slo.burnrate import rule_groups
from slo.indicator import CountersIndicator, LatencyIndicator, RatioIndicator
from slo.objective import SHORT_PERIOD_TIERS, TIERS, Objective, Severity, Tier, faults
from slo.openslo.exporting import documents
from slo.openslo.reading import read
from slo.prometheus import PACE
from slo.promql import Matcher, Selector
from tests.unit.slo.openslo.samples import text

DAY_S = 86_400


def returned(*objectives):
    return read(text(*documents(objectives)).encode(), "exported.yaml")


def test_the_catalogue_comes_back_whole_and_nothing_is_lost():
    found = returned(*OBJECTIVES)
    assert found.groups == rule_groups(OBJECTIVES)
    assert [group.as_data() for group in found.groups] == [group.as_data() for group in rule_groups(OBJECTIVES)]
    assert found.objectives == OBJECTIVES
    assert found.losses == ()


ids = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,9}", fullmatch=True)
WORDS_OF_PROMQL = frozenset(
    [
        "on",
        "by",
        "without",
        "ignoring",
        "bool",
        "offset",
        "and",
        "or",
        "unless",
        "group_left",
        "group_right",
        "inf",
        "nan",
        "start",
        "end",
        "atan2",
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "quantile",
        "count_values",
        "limitk",
        "limit_ratio",
    ]
)
metrics = st.from_regex(r"[a-z_][a-zA-Z0-9_:]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in WORDS_OF_PROMQL  # which need quotes as names, by whoever names a metric so
)
labels = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"__name__", "le", "slo", "service", "burn_tier", "severity", "by", "on"}
)
# What a Prometheus variable of Grafana's would look like is refused by the engine's own check.
characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$") | st.sampled_from(
    "\"'`\\\n\t{}[]()|.*+?^ #"
)
values = st.text(characters, max_size=12)
patterns = st.lists(
    st.sampled_from(
        [
            "a",
            "B",
            "0",
            ".",
            r"\.",
            r"\\",
            r"\d",
            "[^a]",
            "x|y",
            "(a|b)",
            "a*",
            "b+",
            "c?",
            "d{2}",
            '"',
            r"\"",
            "'",
            "`",
            "#",
            " ",
            "é",
            "\n",
            "^",
            "5..",
        ]
    ),
    max_size=6,
).map("".join)
matchers = st.builds(Matcher, st.sampled_from(["=", "!="]), values, values) | st.builds(
    Matcher, st.sampled_from(["=~", "!~"]), patterns, values
)


@st.composite
def selectors(draw, name=metrics):
    where = draw(st.dictionaries(labels, matchers, max_size=4))
    return Selector(draw(name), tuple(where.items()))


examples = st.dictionaries(labels, values, max_size=2)
ratios = st.builds(
    RatioIndicator, selectors(), st.dictionaries(labels, matchers, min_size=1, max_size=3), examples, selectors()
)
several = st.lists(selectors(), min_size=1, max_size=3).map(tuple)
counters = st.builds(CountersIndicator, several, selectors(), bad=several, good_example=examples) | st.builds(
    CountersIndicator, several, selectors(), good=several, good_example=examples
)


@st.composite
def latencies(draw):
    bounds = st.floats(0.001, 1e6).map(lambda bound: float(f"{bound:.9g}"))
    buckets = tuple(sorted(set(draw(st.lists(bounds, min_size=1, max_size=5)))))
    more = tuple(draw(st.lists(selectors(), max_size=2)))
    return LatencyIndicator(draw(selectors()), draw(st.sampled_from(buckets)), buckets, draw(selectors()), more)


@st.composite
def tiers(draw, period_s):
    standard = draw(st.sampled_from([TIERS, SHORT_PERIOD_TIERS, TIERS[1:], (), None]))
    if standard is not None:
        return standard
    found = []
    for name in draw(st.lists(st.text("abc-._ é", min_size=1, max_size=8), unique=True, max_size=4)):
        long_s = draw(st.integers(121, period_s))
        short_s = draw(st.integers(120, long_s - 1))
        share = draw(st.floats(1e-6, 0.9)) * long_s / period_s  # of a budget that may be the whole
        found.append(Tier(name, draw(st.sampled_from(Severity)), float(long_s), float(short_s), share))
    return tuple(found)


titles = st.text(st.characters(exclude_categories=("Cs",)), max_size=100).filter(lambda title: "{{" not in title)


@st.composite
def objectives(draw):
    period_s = draw(st.sampled_from([1, 7, 14, 28, 30]).map(lambda days: days * DAY_S) | st.integers(3_600, 35 * DAY_S))
    return Objective(
        id=draw(ids),
        service=draw(titles.filter(str.strip) | st.sampled_from(["gateway", "audit"])),
        title=draw(titles),
        target=draw(st.sampled_from([0.9, 0.99, 0.999, 0.9999, 0.95]) | st.floats(1e-6, 1 - 1e-6)),
        indicator=draw(st.one_of(ratios, counters, latencies())),
        minimum_bad_events=draw(st.integers(1, 10**9)),
        minimum_events=draw(st.integers(1, 10**9)),
        period_s=float(period_s),
        tiers=draw(tiers(period_s)),
        grouping=tuple(draw(st.lists(labels, max_size=3, unique=True))),
        presence_grouped=draw(st.booleans()),
        calendar_month=draw(st.booleans()),
        excludes_maintenance=draw(st.booleans()),
    )


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(st.lists(objectives(), min_size=1, max_size=2, unique_by=lambda objective: objective.id))
def test_any_objectives_that_work_come_back_whole(wanted):
    assume(not any(faults(objective, PACE) for objective in wanted))
    found = returned(*wanted)
    assert [group.as_data() for group in found.groups] == [group.as_data() for group in rule_groups(wanted)]
    assert list(found.objectives) == wanted
    assert found.losses == ()


def test_generated_objectives_are_not_all_thrown_away():
    kept = []

    @settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(objectives())
    def look(objective):
        kept.append(not faults(objective, PACE))

    look()
    assert sum(kept) > 5

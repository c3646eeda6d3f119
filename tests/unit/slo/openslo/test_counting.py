"""A query is taken apart into the counters that it adds up, or it is said why it cannot be."""

import pytest

from slo.indicator import LatencyIndicator
from slo.openslo.counting import (
    UncountableError,
    UnreadableQueryError,
    compared,
    counted,
    counters_in,
    difference,
    of_one_bucket,
    selector,
)
from slo.promql import Matcher, Selector, differs, equals, select


def texts(query):
    found = counted(query)
    return [counter.text for counter in found.counters], found.by


@pytest.mark.parametrize(
    ("query", "counters", "by"),
    [
        ("x_total", ["x_total"], ()),
        (' x_total {job="a"} ', ['x_total{job="a"}'], ()),
        ('{__name__="x_total",job=~"a|b"}', ['x_total{job=~"a|b"}'], ()),
        ('{"x_total", job!="a"}', ['x_total{job!="a"}'], ()),
        ("x_total{a!='1',a!='2'}", ['x_total{a!="1",a!="2"}'], ()),
        ("sum(x_total)", ["x_total"], ()),
        ("sum(((x_total)))", ["x_total"], ()),
        ("sum by (a, b) (x_total)", ["x_total"], ("a", "b")),
        ("sum(x_total) by (a, a)", ["x_total"], ("a",)),
        ("rate(x_total[5m])", ["x_total"], ()),
        ("sum(increase(x_total[1h]))", ["x_total"], ()),
        ("sum(rate(x_total[{{.window}}]))", ["x_total"], ()),
        ("sum(rate(x_total[{{ .window }}]))", ["x_total"], ()),
        ("sum(rate(x_total[$__rate_interval]))", ["x_total"], ()),
        ("sum(rate(x_total[${window}]))", ["x_total"], ()),
        ("sum(x) + sum(y) + (sum(z))", ["x", "y", "z"], ()),
        ("sum by (a) (rate(x[5m])) + sum by (a) (y)", ["x", "y"], ("a",)),
        ("sum(x) or vector(0)", ["x"], ()),
        ("(sum(x) or vector(0)) + sum(y)", ["x", "y"], ()),
        ('sum(x{a="#"}) # all of them\n+ sum(y)', ['x{a="#"}', "y"], ()),
        ('x{a="\\"\\\\\\n"}', ['x{a="\\"\\\\\\n"}'], ()),
    ],
)
def test_sums_of_counters_are_taken_apart(query, counters, by):
    assert texts(query) == (counters, by)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("avg(x)", "avg() over counters is no count of events"),
        ("count(x)", "count() over counters is no count of events"),
        ("sum without (a) (x)", "write sum by (…)"),
        ("sum(sum by (a) (x))", "sums are nested in one another"),
        ("sum(x + y)", "write sum(a) + sum(b)"),
        ("sum by (a) (x) + sum by (b) (y)", "kept apart by different labels"),
        ("sum(x) - sum(y)", 'it is no sum of counters, but uses "-"'),
        ("sum(x) / sum(y)", 'it is no sum of counters, but uses "/"'),
        ("sum(x) * 60", 'it is no sum of counters, but uses "*"'),
        ("sum(x) or vector(1)", 'it is no sum of counters, but uses "or"'),
        ("x + on (a) y", 'it is no sum of counters, but uses "+"'),
        ("irate(x[5m])", "irate() is no count of events"),
        ("delta(x[5m])", "delta() is no count of events"),
        ("sum(rate(x[5m:1m]))", "rate() is no count of events"),
        ("histogram_quantile(0.9, x)", "histogram_quantile() is no count of events"),
        ("sum(x offset 5m)", "it looks at another time"),
        ("sum(rate(x[5m] @ end()))", "it looks at another time"),
        ('x{a="b" or c="d"}', "joined by"),
        ('{job="a"}', "it does not say by name which metric"),
        ('{__name__=~"a|b"}', 'a condition on "__name__" is not read'),
        ('x{"a.b"="c"}', 'a condition on "a.b" is not read'),
        ('{"a.b"}', "it does not say by name which metric"),
        ("x[5m]", "it is no counter"),
        ("-x", "it is no counter"),
        ("5", "it is no counter"),
        ('"x"', "it is no counter"),
        (" + ".join(f"sum(x{number})" for number in range(25)), "more than 24 counters"),
    ],
)
def test_what_cannot_be_counted_is_said_with_the_reason(query, reason):
    with pytest.raises(UncountableError) as raised:
        counted(query)
    assert reason in str(raised.value)


@pytest.mark.parametrize("query", ["", "sum(", "x{", 'x{a="b}', "x[5m", "x{a=~'('}", "rate(x)", "((x)", "sum(x))"])
def test_what_does_not_parse_is_said(query):
    with pytest.raises(UnreadableQueryError, match="this query does not parse"):
        counted(query)


def test_ranges_are_replaced_and_that_is_said():
    assert counted("sum(x)").notes == ()
    (note,) = counted("sum(rate(x[5m])) + sum(increase(y[1h]))").notes
    assert "the range in it is replaced" in note


def test_a_bucket_is_asked_for_in_both_spellings():
    found = of_one_bucket(counted('sum by (le, job) (x_bucket{le="1",job="a"})'))
    assert [counter.text for counter in found.counters] == ['x_bucket{le=~"1\\\\.0|1",job="a"}']
    assert found.by == ("job",)
    assert of_one_bucket(counted('x_bucket{le="0.5"}')).counters == (select("x_bucket", le="0.5"),)
    assert of_one_bucket(counted('x_bucket{le="+Inf"}')).counters == (select("x_bucket", le="+Inf"),)
    assert of_one_bucket(counted("sum by (le) (x_bucket)")).by == ("le",)


def test_a_difference_has_two_sides():
    left, right = difference('sum(rate(x_count[5m])) - sum(rate(x_bucket{le="1"}[5m]))')
    assert left.counters == (select("x_count"),)
    assert right.counters == (select("x_bucket", le="1"),)
    assert difference("sum(x)") is None
    assert difference("sum(x) - on (a) sum(y)") is None
    assert difference("sum(x) - avg(y)") is None


def test_a_value_that_is_compared_is_any_query_with_series():
    found = compared('histogram_quantile(0.99, sum by (le) (rate(x_bucket{job="a"}[$window]))) # p99')
    assert found.query.text == 'histogram_quantile(0.99, sum by (le) (rate(x_bucket{job="a"}[5m])))'
    assert found.presence == select("x_bucket", job="a")
    assert len(found.notes) == 1
    assert compared("x offset 5m").presence == select("x")
    assert compared('{job="a"} + y').presence == select("y")


@pytest.mark.parametrize("query", ["5", '"x"', "x[5m]", "scalar(x)", "time()"])
def test_a_value_that_finds_no_series_cannot_be_compared(query):
    with pytest.raises(UncountableError, match="it finds no series whose values could be compared"):
        compared(query)


def test_a_value_without_a_series_that_has_a_name_cannot_be_compared():
    for query in ("vector(1)", '{job="a"}'):
        with pytest.raises(UncountableError, match="it asks for no series with a name"):
            compared(query)


def test_a_selector_is_read_as_it_is():
    assert selector('x{a="b",c!="d",e=~"f",g!~"h"}') == Selector(
        "x",
        (("a", equals("b")), ("c", differs("d", "")), ("e", Matcher("=~", "f", "")), ("g", Matcher("!~", "h", ""))),
    )
    with pytest.raises(UncountableError, match="it has to be the name of a metric"):
        selector("sum(x)")


def test_the_counters_of_our_own_queries_are_found_in_their_order():
    latency = LatencyIndicator(select("x", a="b"), 1.0, (1.0,), select("up"), (select("y"),))
    assert [each.text for each in counters_in(latency.bad_events(60, ("c",)))] == [
        'x_count{a="b"}',
        "y_count",
        'x_bucket{a="b",le=~"1\\\\.0|1"}',
        'y_bucket{le=~"1\\\\.0|1"}',
    ]

"""Whatever the builders make, a parser takes; whatever it does not take, is refused with a sentence."""

import math

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo import promql
from slo.promql import PromQLError, Query, matches, one_of, select

REQUESTS = select("http_requests_total", job="gateway")
UP = select("up").query


def test_conditions_of_all_kinds_are_written_in_their_order():
    selector = select("x", a="1", b=matches("5..", "503"), c=promql.differs("z", "y"), d=one_of(("p", "q")))
    assert selector.text == 'x{a="1",b=~"5..",c!="z",d=~"p|q"}'
    assert selector.example == {"a": "1", "b": "503", "c": "y", "d": "p"}


def test_a_narrower_condition_on_the_same_label_takes_the_older_ones_place():
    assert REQUESTS.narrowed(job="nlp", status="500").text == 'http_requests_total{job="nlp",status="500"}'


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=40))
def test_any_label_value_survives_quoting(value):
    parsed = promql_parser.parse(select("x", label=value).text)
    (matcher,) = parsed.matchers.matchers
    assert matcher.value == value


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (promql.rate(REQUESTS, 300), 'rate(http_requests_total{job="gateway"}[5m])'),
        (promql.increase(REQUESTS, 3600), 'increase(http_requests_total{job="gateway"}[1h])'),
        (promql.sum_over_time(select("a"), 2_592_000), "sum_over_time(a[30d])"),
        (
            promql.counted(select("a_total"), 30),
            (
                "increase(a_total[30s]) or label_replace(min_over_time(a_total[30s]) unless a_total offset 30s"
                ' and on (job, instance) (up offset 30s == 1), "sample", "first", "", "")'
            ),
        ),
        (promql.total(UP), "sum(up)"),
        (promql.total(UP, ("job", "instance")), "sum by (job, instance) (up)"),
        (promql.average(UP, ("job",)), "avg by (job) (up)"),
        (promql.maximum(UP), "max(up)"),
        (
            promql.quantile(0.95, select("d_bucket"), 300, ("job",)),
            "histogram_quantile(0.95, sum by (le, job) (rate(d_bucket[5m])))",
        ),
        (promql.absent(promql.equal_to(UP, 1)), "absent(up == 1)"),
        (promql.at_least(UP, 1), "clamp_min(up, 1)"),
        (promql.between(UP, 2, 8), "clamp(up, 2, 8)"),
        (promql.rounded_up(promql.plus(UP, UP)), "ceil(up + up)"),
        (promql.more(UP, promql.total(UP)), "up > sum(up)"),
        (promql.fewer(UP, promql.plus(UP, UP)), "up < (up + up)"),
        (select("up", job=promql.none_of(("a", "b"), "c")).query, 'up{job!~"a|b"}'),
        (promql.constant(0.999), "vector(0.999)"),
        (promql.plus(UP, UP), "up + up"),
        (promql.minus(promql.plus(UP, UP), UP), "(up + up) - up"),
        (promql.times(promql.plus(UP, UP), 0), "0 * (up + up)"),
        (promql.complement(promql.times(UP, 1000)), "1 - (1000 * up)"),
        (promql.divided(UP, UP), "up / up"),
        (promql.divided(UP, UP, ("slo",), many_left=True), "up / on (slo) group_left () up"),
        (promql.above(UP, 0.0144), "up > 0.0144"),
        (promql.reaching(UP, 10), "up >= 10"),
        (promql.both(promql.above(UP, 1), UP, UP), "(up > 1) and up and up"),
        (promql.both(UP, UP, on=("job",)), "up and on (job) up"),
        (promql.either(UP, promql.times(UP, 0)), "up or (0 * up)"),
        (promql.unless(UP, UP), "up unless up"),
    ],
)
def test_each_builder_makes_what_it_says_and_a_parser_takes_it(query, text):
    assert query.text == text
    assert promql.checked(query) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5s"), (90, "90s"), (300, "5m"), (5400, "90m"), (3600, "1h"), (259_200, "3d")]
)
def test_a_window_is_written_in_its_largest_whole_unit(seconds, text):
    assert promql.duration(seconds) == text


@given(st.integers(1, 10**8))
def test_a_written_window_is_as_long_as_it_was_meant(seconds):
    assert promql_parser.parse_duration(promql.duration(seconds)).total_seconds() == seconds


@pytest.mark.parametrize("seconds", [0, -5, 0.5, 1.5])
def test_a_window_that_prometheus_cannot_have_is_refused(seconds):
    with pytest.raises(PromQLError, match="not a positive whole number of seconds"):
        promql.duration(seconds)


def test_numbers_show_no_noise_of_floats():
    assert promql.number(14.4 * 0.0009999999999999432) == "0.0144"
    assert promql.number(1 / 0.001) == "1000"


def test_a_query_that_does_not_parse_is_refused_with_its_text():
    with pytest.raises(PromQLError, match=r"does not parse .*: rate\(x\[5m\)"):
        promql.checked(Query("rate(x[5m)"))


def test_variables_of_a_dashboard_are_filled_before_the_check():
    query = promql.rate(select("x", job=matches("$job"), cluster=matches("${cluster:regex}")), promql.RATE_INTERVAL)
    assert promql.checked(query, {"job": ".+", "cluster": ".+"}) == query.text
    assert promql.filled(query.text, {"job": "a", "cluster": "b", "__rate_interval": "1m"}) == (
        'rate(x{job=~"a",cluster=~"b"}[1m])'
    )


def test_a_variable_without_a_value_is_an_error_that_names_it():
    with pytest.raises(PromQLError, match=r"\$job has no value"):
        promql.checked(select("x", job=matches("$job")).query, {})


def test_a_dollar_sign_in_a_rule_is_a_dollar_sign():
    query = select("x", code="a$b").query
    assert promql.checked(query) == query.text


def test_all_names_in_a_query_are_found_in_its_depths():
    text = 'sum(rate(a_total{x="b"}[5m])) / on (job) (c or d) > bool 1 and absent(sum_over_time(e[1h:1m]))'
    assert promql.names_in(text) == {"a_total", "c", "d", "e"}


def test_a_long_query_is_broken_into_lines_that_mean_the_same():
    text = (
        "sum(increase(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[5m])) / sum(increase(bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb[5m])) > 0.5"
    )
    broken = Query(text).pretty
    assert "\n" in broken
    assert "".join(broken.split()) == "".join(text.split())
    assert math.isclose(len(promql.names_in(broken)), 2)

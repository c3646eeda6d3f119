"""Indicators count events, and refuse to guess."""

from slo.indicator import LatencyIndicator, RatioIndicator
from slo.promql import checked, counted, matches, select

ANY_5XX = matches("5..", "503")
BUCKETS = (0.1, 0.2, 0.5, 1.0)


def ratio(bad=None):
    return RatioIndicator(
        select("requests_total", job="gateway"),
        {"status": ANY_5XX} if bad is None else bad,
        {"status": "200"},
        select("up", job="gateway"),
    )


def latency(threshold_s=0.2):
    return LatencyIndicator(select("duration_seconds", job="gateway"), threshold_s, BUCKETS, select("up"))


def test_a_ratio_counts_all_events_and_those_with_bad_labels():
    everything, failed = (
        select("requests_total", job="gateway"),
        select("requests_total", job="gateway", status=ANY_5XX),
    )
    assert checked(ratio().events(30, ())) == f"sum({counted(everything, 30).text})"
    assert checked(ratio().bad_events(30, ("cluster",))) == f"sum by (cluster) ({counted(failed, 30).text})"


def test_a_ratio_gives_example_series_of_both_kinds():
    assert ratio().examples(9, 1) == {
        'requests_total{job="gateway",status="200"}': 9,
        'requests_total{job="gateway",status="503"}': 1,
    }


def test_a_ratio_without_bad_events_is_refused():
    (fault,) = ratio(bad={}).faults()
    assert "no event of requests_total is ever bad" in fault
    assert ratio().faults() == ()


def test_latency_counts_what_is_outside_of_the_bucket_at_the_threshold():
    observed = select("duration_seconds_count", job="gateway")
    within = select("duration_seconds_bucket", job="gateway", le=matches(r"0\.2"))
    assert checked(latency().bad_events(30, ())) == (
        f"clamp_min(sum({counted(observed, 30).text}) - sum({counted(within, 30).text}), 0)"
    )


def test_latency_finds_a_whole_bound_in_both_of_its_spellings():
    assert 'le=~"1\\\\.0|1"' in latency(1.0).bad_events(30, ()).text


def test_latency_gives_example_series():
    assert latency().examples(9, 1) == {
        'duration_seconds_count{job="gateway"}': 10,
        'duration_seconds_bucket{job="gateway",le="0.2"}': 9,
    }


def test_a_threshold_without_a_bucket_is_refused_with_the_buckets_there_are():
    (fault,) = latency(0.3).faults()
    assert fault == "duration_seconds has no bucket at 0.3 s, only at 0.1, 0.2, 0.5, 1: the share would be a guess"
    assert latency(0.5).faults() == ()

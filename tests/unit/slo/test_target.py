"""A target's figures are typed, and a wrong reading of one is an error rather than a wrong number."""

import pytest

from slo.target import (
    Kind,
    Target,
    Unit,
    choice,
    cores,
    count,
    gibibytes,
    hours,
    mebibytes,
    minutes,
    per_second,
    percent,
    percentile,
    ratio,
    seconds,
)


@pytest.mark.parametrize(
    ("figure", "value", "unit"),
    [
        (seconds(30), 30, Unit.SECONDS),
        (minutes(10), 600, Unit.SECONDS),
        (hours(24), 86_400, Unit.SECONDS),
        (mebibytes(16), 16_777_216, Unit.BYTES),
        (gibibytes(1), 1_073_741_824, Unit.BYTES),
        (ratio(0.9), 0.9, Unit.RATIO),
        (percent(99.9), 0.999, Unit.RATIO),
        (percent(0.1), 0.001, Unit.RATIO),
        (count(25), 25, Unit.COUNT),
        (cores(4), 4, Unit.CORES),
        (per_second(5000), 5000, Unit.PER_SECOND),
        (percentile(0.95), 0.95, Unit.PERCENTILE),
    ],
)
def test_figures_are_kept_in_base_units(figure, value, unit):
    assert (figure.number, figure.unit) == (value, unit)


def test_a_choice_is_no_number_and_a_number_no_choice():
    with pytest.raises(TypeError, match="'transaction' is a choice"):
        _ = choice("transaction").number
    with pytest.raises(TypeError, match="25 is a number"):
        _ = count(25).word


def test_a_fraction_is_not_rounded_to_a_whole_number_in_silence():
    assert count(25).whole == 25
    with pytest.raises(ValueError, match=r"1\.1 count is not whole"):
        _ = count(1.1).whole


def test_figures_are_found_by_name_and_a_wrong_name_is_an_error():
    target = Target("a.b", "A promise.", Kind.LIMIT, (mebibytes(256, "request"), mebibytes(512, "limit")))
    assert target.named("limit").number == 512 * 2**20
    with pytest.raises(KeyError, match="no figure named 'maximum'"):
        target.named("maximum")
    with pytest.raises(ValueError, match="unpack"):
        _ = target.figure

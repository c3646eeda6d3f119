"""Figures are shown in the unit that their size asks for."""

import pytest

from app.cli.figures import shown, shown_figures
from slo.target import Unit, choice, mebibytes, percentile, seconds


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.2, Unit.SECONDS, "200 ms"),
        (0.0004, Unit.SECONDS, "0.4 ms"),
        (0, Unit.SECONDS, "0 s"),
        (2, Unit.SECONDS, "2 s"),
        (90, Unit.SECONDS, "1.5 min"),
        (600, Unit.SECONDS, "10 min"),
        (86_400, Unit.SECONDS, "1 d"),
        (8.77 * 3600, Unit.SECONDS, "8.77 h"),
        (512 * 2**20, Unit.BYTES, "512 MB"),
        (2**30, Unit.BYTES, "1 GB"),
        (1000, Unit.BYTES, "1,000 B"),
        (118_732 * 1024, Unit.BYTES, "115.9 MB"),
        (0.999, Unit.RATIO, "99.9 %"),
        (0.95, Unit.PERCENTILE, "p95"),
        (5000, Unit.PER_SECOND, "5,000/s"),
        (4, Unit.CORES, "4 cores"),
        (10_000, Unit.COUNT, "10,000"),
        ("transaction", Unit.CHOICE, "transaction"),
        (None, Unit.SECONDS, ""),
    ],
)
def test_a_figure_is_shown_as_people_say_it(value, unit, text):
    assert shown(value, unit) == text


def test_figures_of_one_target_carry_their_names():
    assert shown_figures((seconds(0.2, "duration"), percentile(0.95))) == "duration 200 ms, percentile p95"
    assert shown_figures((mebibytes(256, "request"), choice("x"))) == "request 256 MB, x"

"""When a cronjob shall run, as a line of cron."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.templates.scheduling import schedule_of


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("every day at 3am", "0 3 * * *"),
        ("daily at 18:30", "30 18 * * *"),
        ("every night at 12am", "0 0 * * *"),
        ("every night at 12pm", "0 12 * * *"),
        ("every 5 minutes", "*/5 * * * *"),
        ("every minute", "* * * * *"),
        ("every 6 hours", "0 */6 * * *"),
        ("hourly", "0 * * * *"),
        ("every monday at 8", "0 8 * * 1"),
        ("on sundays at 7pm", "0 19 * * 0"),
        ("at 04:15", "15 4 * * *"),
        ("*/10 2 * * 1-5", "*/10 2 * * 1-5"),
    ],
)
def test_a_time_becomes_a_line_of_cron(words, line):
    found = schedule_of(words)
    assert found is not None
    assert found == (line, found[1])
    assert not found[1].strip()


@pytest.mark.parametrize(
    "words", ["every 90 minutes", "every 0 hours", "at 25:00", "daily at 12:75", "now and then", ""]
)
def test_what_is_no_time_makes_no_line(words):
    assert schedule_of(words) is None


@given(st.text(max_size=60))
def test_no_words_break_it(words):
    found = schedule_of(words)
    assert found is None or len(found[0].split()) == 5

"""Lengths of time are whole numbers and a letter, and names are words that every tool takes."""

import pytest

from slo.openslo.naming import Names, name_of, slug, words
from slo.openslo.shorthand import ShorthandError, shorthand, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0m", 0),
        ("5m", 300),
        ("12h", 43_200),
        ("30d", 2_592_000),
        ("4w", 2_419_200),
        ("1M", 2_592_000),
        ("1Q", 7_776_000),
    ],
)
def test_a_length_of_time_is_read(text, seconds):
    assert (span(text).seconds, span(text).unit) == (seconds, text[-1])


def test_what_is_none_is_said_with_what_would_be():
    with pytest.raises(ShorthandError, match=r'"90s" is no length of time: write a whole number and one of m, h, d'):
        span("90s")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "1m"), (61, "2m"), (5_400, "90m"), (3_600, "1h"), (86_400, "1d"), (604_800, "7d"), (86_401, "1441m")],
)
def test_seconds_are_written_in_the_largest_unit_that_holds_them_and_are_rounded_up(seconds, text):
    assert shorthand(seconds) == text
    assert shorthand(span(text).seconds) == text


def test_a_name_becomes_words():
    assert slug("gateway-availability") == "gateway-availability"
    assert slug("On Call/Mail.1") == "on-call-mail-1"
    assert slug("99%") == "slo-99"
    assert slug("99%", "tier") == "tier-99"
    assert slug("…") == "slo"
    assert words("99% good") == "99-good"


def test_a_long_name_is_cut_and_stays_its_own():
    assert name_of("a" * 63) == "a" * 63
    cut = name_of("a" * 64)
    assert len(cut) == 63
    assert cut != name_of("a" * 65)


def test_no_name_is_given_twice():
    names = Names()
    assert [names.give("a") for _ in range(3)] == ["a", "a-2", "a-3"]
    assert names.give("a-2") == "a-2-2"

"""What a gate lets through is all that its pattern fits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.nlp.translator.gating import Gate
from app.nlp.translator.rewording import _GATES
from app.nlp.translator.templates.forms import FORMS
from tests.language.evaluation import entries

TEXTS = [entry["text"] for kind in ("translation", "context", "restraint", "safety") for entry in entries(kind)]


@pytest.mark.parametrize(
    ("pattern", "fitting", "unfit"),
    [
        ("scale|resize", "please RESIZE web", "restart web"),
        ("(?:do|make) (?:it )?again", "make it again", "make it so"),
        ("(?:a|an)? overview", "an overview", "an overlook"),
        (r"\d+ pods", "3 pods", "3 jobs"),
        ("x*", "anything", None),
        ("(?:one|x*) two", "x two", "x tw"),
    ],
)
def test_a_text_without_what_a_pattern_needs_is_turned_away(pattern, fitting, unfit):
    gate = Gate(pattern)
    assert gate.may_fit(fitting.lower())
    assert unfit is None or not gate.may_fit(unfit)


def test_no_text_of_the_lists_is_kept_from_a_form_that_fits_it():
    for text in TEXTS:
        low = text.lower()
        for gate, form, _ in _GATES:
            assert gate.may_fit(low) or form.search(text) is None, (text, form.pattern)
        for gate, form, _ in FORMS:
            assert gate.may_fit(low) or form.search(text) is None, (text, form.pattern)


@pytest.mark.parametrize("form", [form for _, form, _ in _GATES], ids=lambda form: form.pattern[:50])
def test_no_text_that_fits_is_kept_from_its_form(form):
    @settings(max_examples=20, deadline=None)
    @given(st.from_regex(re.compile(form.pattern, re.IGNORECASE | re.ASCII)))
    def fits(text):
        assert Gate(form.pattern).may_fit(text.lower())

    fits()

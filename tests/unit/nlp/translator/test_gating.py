"""What a gate lets through is all that its pattern fits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.nlp.translator.gating import Gates, Rewordings
from app.nlp.translator.rewordings.anywhere import ANYWHERE, PLAINER
from app.nlp.translator.rewordings.whole import WHOLE, WHOLE_GATES
from app.nlp.translator.templates.forms import FORMS, GATES
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
    gates = Gates(["never", pattern])
    assert 1 in gates.open_for(fitting)
    assert unfit is None or gates.open_for(unfit) == []


def test_no_text_of_the_lists_is_kept_from_a_form_that_fits_it():
    kept = [
        (WHOLE_GATES, [form for form, _ in WHOLE]),
        (PLAINER._gates, [form for form, _ in ANYWHERE]),
        (GATES, [form for _, form, _ in FORMS]),
    ]
    for text in TEXTS:
        for gates, forms in kept:
            opened = set(gates.open_for(text))
            for at, form in enumerate(forms):
                assert at in opened or form.search(text) is None, (text, form.pattern)


def test_what_one_form_makes_of_a_text_may_fit_those_behind_it_and_none_before():
    plainer = Rewordings([(re.compile(form), plain) for form, plain in (("cc", "dd"), ("aa", "bb"), ("bb", "cc"))])
    assert plainer("aa") == "cc"
    assert plainer("cc aa") == "dd cc"
    assert plainer("a b") == "a b"


@pytest.mark.parametrize("form", [form for form, _ in ANYWHERE], ids=lambda form: form.pattern[:50])
def test_no_text_that_fits_is_kept_from_its_form(form):
    @settings(max_examples=20, deadline=None)
    @given(st.from_regex(re.compile(form.pattern, re.IGNORECASE | re.ASCII)))
    def fits(text):
        assert Gates([form.pattern]).open_for(text) == [0]

    fits()

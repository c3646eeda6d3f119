"""What a model may add: proposals where nothing was understood, reads where a change is only spoken of, else nothing."""

from __future__ import annotations

import pytest

from app.nlp.models.when import Scope, scope_of
from app.nlp.translator.plan import Context
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("quibble the frobnicator of cart", Scope.PROPOSALS),
        ("had we deleted that pvc, would the orders be gone for good?", Scope.READS),
        ("restart web in dev", Scope.NONE),
        ("restart everything but web", Scope.NONE),
        ("web must not be restarted", Scope.NONE),
        ("restart web", Scope.NONE),
    ],
)
def test_a_model_may_add_what_was_not_held_back(text: str, scope: Scope) -> None:
    assert scope_of(translate(text, Context("prod-eu", "shop", ()), VOCABULARY)) is scope

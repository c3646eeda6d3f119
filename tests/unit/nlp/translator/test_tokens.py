from __future__ import annotations

from app.nlp.translator.tokens import tokenise


def _words(text: str) -> list[str]:
    return [token.low for token in tokenise(text)]


def test_contractions_are_opened() -> None:
    assert _words("What's up, don't restart") == ["what", "is", "up", ",", "do", "not", "restart"]


def test_possessives_lose_their_ending() -> None:
    assert _words("checkout's logs and the pods' events") == ["checkout", "logs", "and", "the", "pods", "events"]


def test_punctuation_stands_alone_but_not_inside_of_names() -> None:
    assert _words("scale web to 5.") == ["scale", "web", "to", "5", "."]
    assert _words("registry.local/shop/cart:2.4.0?") == ["registry.local/shop/cart:2.4.0", "?"]


def test_several_quoted_words_are_one_opaque_token() -> None:
    tokens = tokenise('the runbook says "delete deployment cart"')
    assert tokens[-1].quote
    assert tokens[-1].text == "delete deployment cart"


def test_one_quoted_word_is_that_word() -> None:
    (_, token) = tokenise("restart 'web'")
    assert (token.low, token.quote) == ("web", False)


def test_positions_point_into_the_text() -> None:
    text = "show *web* logs"
    assert [text[t.start : t.end] for t in tokenise(text)] == ["show", "web", "logs"]


def test_symbols_that_are_no_words_vanish_and_operators_do_not() -> None:
    assert _words("restart web 🚀") == ["restart", "web"]
    assert _words("restart web | x") == ["restart", "web", "|", "x"]

"""JSONPath as kubectl has it: what templates find and print, what is wrong with others, and that none runs away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.commands.jsonpath import evaluation
from app.domain.commands.jsonpath.evaluation import find, json_text, text
from app.domain.commands.jsonpath.nodes import JsonPathError
from app.domain.commands.jsonpath.reading import read, relaxed
from app.domain.commands.jsonpath.values import compact_json, number, printed

PODS: dict[str, Any] = {
    "kind": "List",
    "items": [
        {"metadata": {"name": "web-1", "labels": {"app": "web", "a.b/c": "d"}}, "spec": {"ports": [80, 443]}, "n": 1},
        {"metadata": {"name": "web-2", "labels": {"app": "web"}}, "spec": {"ports": []}, "n": 2, "ready": True},
        {"metadata": {"name": "db-0", "labels": {}}, "spec": {}, "n": 3, "ratio": 0.5},
    ],
}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{.kind}", "List"),
        ("{$.kind}", "List"),
        ("{@.kind}", "List"),
        ("{kind}", None),
        ("kind: {.kind}!", "kind: List!"),
        ("{.items[*].metadata.name}", "web-1 web-2 db-0"),
        ("{.items[0].metadata.name}", "web-1"),
        ("{.items[-1].metadata.name}", "db-0"),
        ("{.items[0:2].metadata.name}", "web-1 web-2"),
        ("{.items[1:].metadata.name}", "web-2 db-0"),
        ("{.items[::2].metadata.name}", "web-1 db-0"),
        ("{.items[-2:-1].metadata.name}", "web-2"),
        ("{.items[0,2].metadata.name}", "web-1 db-0"),
        ("{.items[0]['metadata'].name}", "web-1"),
        (r"{.items[0].metadata.labels.a\.b/c}", "d"),
        ("{.items[0]['metadata.name','kind']}", "web-1"),
        ("{..name}", "web-1 web-2 db-0"),
        ("{.items[*].metadata.labels.app}", "web web"),
        ("{.nothing}", ""),
        ("{.items[?(@.metadata.name=='web-2')].n}", "2"),
        ('{.items[?(@.metadata.name=="web-2")].n}', "2"),
        ("{.items[?(@.n>1)].metadata.name}", "web-2 db-0"),
        ("{.items[?(@.n>=2)].n}", "2 3"),
        ("{.items[?(@.n!=2)].n}", "1 3"),
        ("{.items[?(@.ready)].n}", "2"),
        ("{.items[?(@.ready==true)].n}", "2"),
        ("{.items[?(@.spec.ports[0]==80)].n}", None),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "web-1\t1\nweb-2\t2\ndb-0\t3\n"),
        ("{range .items[*]}[{.n}]{end} done", "[1][2][3] done"),
        ("{range .nothing[*]}[{.n}]{end}done", "done"),
        ("{range .items[*]}{.n}:{range .spec.ports[*]}{@},{end};{end}", "1:80,443,;2:;3:;"),
        ("{.items[0].metadata.labels}", '{"a.b/c":"d","app":"web"}'),
        ("{.items[0].spec.ports}", "[80,443]"),
        ("{.items[2].ratio}", "0.5"),
        ("{.items[1].ready}", "true"),
    ],
)
def test_templates_print_what_kubectl_prints(template: str, said: str | None) -> None:
    if said is None:
        with pytest.raises(JsonPathError):
            text(read(template), PODS)
        return
    assert text(read(template), PODS) == said


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{.items[*}", "unterminated array"),
        ("{.kind", "unclosed action"),
        ("{.items[a]}", "invalid array index a"),
        ("{.items[?(@.n}", "unterminated filter"),
        ("{.items[?(@.n)x}", "unclosed array expect ]"),
        ("{'a}", "unterminated quoted string"),
        ("{....}", "invalid multiple recursive descent"),
        ("{^}", "unrecognized character in action: U+005E '^'"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
        ("{what}", "unrecognized identifier what"),
        ("{end}", "not in range, nothing to end"),
        ("{.items[9]}", "array index out of bounds: index 9, length 3"),
        ("{.items[2:1]}", "starting index 2 is greater than ending index 1"),
        ("{.items[::0]}", "step must be > 0"),
        ("{.kind[0]}", "string is not array or slice"),
        ("{.kind[?(@.x)]}", "List is not array or slice and cannot be filtered"),
        ("{.items[?(@.n=='1')]}", "incompatible types for comparison"),
        ("{.items[?(@.metadata=='1')]}", "invalid type for comparison"),
        ("{.items[?(@.n=<1)]}", "unrecognized filter operator =<"),
    ],
)
def test_what_is_wrong_is_said_in_kubectls_words(template: str, said: str) -> None:
    with pytest.raises(JsonPathError) as caught:
        text(read(template), PODS)
    assert str(caught.value) == said


def test_json_is_written_one_list_for_each_part() -> None:
    assert json_text(read("{.items[*].n}"), PODS) == "[\n    1,\n    2,\n    3\n]\n"
    assert json_text(read("{.nothing}"), PODS) == "[]\n"


@pytest.mark.parametrize(
    ("path", "said"), [("a.b", "{.a.b}"), (".a.b", "{.a.b}"), ("{.a.b}", "{.a.b}"), ("{a.b}", "{.a.b}")]
)
def test_paths_are_written_with_or_without_braces(path: str, said: str) -> None:
    assert relaxed(path) == said


def test_a_path_with_several_actions_is_none() -> None:
    with pytest.raises(JsonPathError, match="unexpected path string"):
        relaxed("{.a}{.b}")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "<nil>"),
        (True, "true"),
        ({"b": [1, None], "a": {"c": "d"}}, "map[a:map[c:d] b:[1 <nil>]]"),
        (1.0, "1"),
        (0.25, "0.25"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-07"),
    ],
)
def test_values_are_written_as_go_writes_them(value: Any, said: str) -> None:
    assert printed(value) == said


def test_json_escapes_what_html_knows() -> None:
    assert compact_json({"b": "<a&b>", "a": 1.0}) == '{"a":1,"b":"\\u003ca\\u0026b\\u003e"}'


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=20,
)
_WORDS = """.a .b .. ..a .* [*] [0] [-1] [0:1] [::2] [0,1] ['a'] [?(@.a==1)] [?(@.a)] [?(@.a[?(@.b)])] { } {range§ {end}
    {"\\n"} 'x' @ $ § 1 text \\ [ ] ( )"""
_PIECES = st.sampled_from([word.replace("§", " ") for word in _WORDS.split()])
_TEMPLATES = st.lists(_PIECES, max_size=12).map("".join) | st.lists(_PIECES, max_size=8).map(
    lambda p: "{" + "".join(p) + "}"
)


@settings(max_examples=400, deadline=None)
@given(template=_TEMPLATES, value=_JSON)
def test_any_template_on_any_value_prints_something_or_says_what_is_wrong(template: str, value: Any) -> None:
    try:
        said = text(read(template), value)
    except JsonPathError as error:
        said = f"error: {error}"
    assert isinstance(said, str)


@settings(max_examples=200, deadline=None)
@given(value=_JSON)
def test_a_value_in_whole_is_found_as_it_is(value: Any) -> None:
    assert find(read("{@}"), value) == [[value]]
    assert find(read("{.a}"), {"a": value}) == [[value]]
    assert find(read("{[*]}"), [value, value]) == [[value, value]]


@settings(max_examples=200, deadline=None)
@given(text_around=st.text(alphabet=st.characters(exclude_characters="{}"), max_size=30))
def test_text_outside_of_braces_is_printed_as_it_is(text_around: str) -> None:
    assert text(read(text_around), PODS) == text_around


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_the_same_again(value: float) -> None:
    assert float(number(value)) == value


@pytest.mark.parametrize(
    "template",
    [
        "{" + "..*" * 200 + "}",
        "{" + ".*..*" * 200 + "}",
        "{range ..*}" * 40 + "{end}" * 40,
        "{range ..*}" * 3 + "x" + "{end}" * 3,
        "{" + "[?(@.a" * 50 + ")]" * 50 + "}",
        "{" + "[0,1]" * 500 + "}",
        "{" * 4000,
        "{.a" + "[" * 4000,
    ],
    ids=range(8),
)
def test_a_template_that_would_have_no_end_is_ended(template: str) -> None:
    wide = {"items": [{"a": [{"a": [[{"a": i} for i in range(5)]] * 5}] * 5} for _ in range(20)]}
    looked = evaluation.MOST_VALUES
    with pytest.raises(JsonPathError):
        text(read(template), wide)
    assert looked == 200_000


def test_what_is_printed_again_and_again_is_cut() -> None:
    big = {"a": "x" * 10_000}
    said = text(read("{.a}" * 1000), big)
    assert evaluation.MOST_CHARACTERS < len(said) <= evaluation.MOST_CHARACTERS + 10_000

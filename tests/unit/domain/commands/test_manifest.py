"""Pasted YAML: what it means is what kubectl makes of it, what is wrong is said with its place, and nothing unfolds."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands.manifest import (
    LARGEST_MANIFEST_BYTES,
    MOST_DOCUMENTS,
    MOST_VALUES,
    read_document,
    read_documents,
)
from app.domain.commands.model.manifests import Apply, CreateFrom, DeleteFrom, OfManifest, ReplaceFrom
from app.domain.commands.parser import looks_like_kubectl, parse, parse_aside
from app.errors import KubeChatError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: '1'", {"a": "1"}),
        ("a: yes", {"a": True}),
        ("a: n", {"a": False}),
        ('a: "y"', {"a": "y"}),
        ("a: 0644", {"a": 420}),
        ("a: 0x10", {"a": 16}),
        ("a: 1e3", {"a": 1000}),
        ("a: 1.5", {"a": 1.5}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: ~", {"a": None}),
        ("a:\nb: []", {"a": None, "b": []}),
        ('{"a": ["b", {"c": null}]}', {"a": ["b", {"c": None}]}),
        ("base: &x {a: 1}\nuse: {<<: *x, b: 2}", {"base": {"a": 1}, "use": {"a": 1, "b": 2}}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
    ],
)
def test_values_are_what_kubectl_makes_of_them(text: str, value: object) -> None:
    assert read_document(text) == value


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("a: [1, 2", "invalid_yaml", "line 2, column 1"),
        ("a: b\n c: d\n", "invalid_yaml", "line 2, column 3"),
        ("a: 1\nb: 2\na: 3\n", "invalid_yaml", 'line 3, column 1: the key "a" is there twice'),
        ("a: {b: 1, b: 2}", "invalid_yaml", "there twice"),
        ("a: &x [*x]", "invalid_yaml", "an alias stands inside of what it names"),
        ("? [a, b]\n: c\n", "invalid_yaml", "a key is a text"),
        ("a: !!python/object/apply:os.system [id]", "invalid_yaml", "is not for manifests"),
        ("a: !!binary aGk=", "invalid_yaml", "is not for manifests"),
        ("a: 99999999999999999999", "invalid_yaml", "larger than"),
        ("a: " + "9" * 5_000, "invalid_yaml", "larger than"),
        ("a: 1e99", "invalid_yaml", "larger than"),
        ("a: .inf", "invalid_yaml", "JSON does not have"),
        ("a: !!int x", "invalid_yaml", '"x" is no whole number'),
        ("a: !!int ''", "invalid_yaml", "is no whole number"),
        ("a: !!int 0o9", "invalid_yaml", "is no whole number"),
        ("a: \x00", "invalid_yaml", "characters that YAML does not have"),
        ("a: *nobody", "invalid_yaml", "line 1, column 4"),
        (BOMB, "invalid_yaml", f"more than {MOST_VALUES} values"),
        ("a: [" + "a," * 120_000 + "]", "invalid_yaml", f"more than {MOST_VALUES} values"),
        ("[" * 120_000, "invalid_yaml", "deep"),
        ("[" * 120_000 + "]" * 120_000, "invalid_yaml", "deep"),
        ("- " * 120_000, "invalid_yaml", "deep"),
        ("? " * 120_000, "invalid_yaml", "deep"),
        ("{a: " * 60_000, "invalid_yaml", "deep"),
        ("a: " + "x" * LARGEST_MANIFEST_BYTES, "manifest_too_large", "KiB"),
        ("---\na: 1\n" * (MOST_DOCUMENTS + 1), "manifest_too_large", f"at most {MOST_DOCUMENTS}"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, code: str, part: str) -> None:
    started = time.process_time()
    with pytest.raises(KubeChatError) as caught:
        read_documents(text)
    assert caught.value.code == code, caught.value.message
    assert part in caught.value.message
    assert len(caught.value.message) < 300
    assert time.process_time() - started < 5  # a bomb is not unfolded before it is refused


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=20,
)


def tried(text: str) -> tuple[list[object], str]:
    try:
        return read_documents(text), ""
    except KubeChatError as error:
        return [], error.code


@given(json_values)
def test_json_is_read_as_it_is(value: object) -> None:
    found, code = tried(json.dumps(value))
    # YAML has fewer characters than JSON; a surrogate or a control character is refused, never changed.
    assert code == "invalid_yaml" or found == ([] if value is None else [value])


@given(st.text(max_size=200))
def test_no_text_at_all_makes_it_fail(text: str) -> None:
    assert tried(text)[1] in {"", "invalid_yaml", "manifest_too_large"}


ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n"
TWO = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: qa}\nstringData: {p: 'it''s $x'}\n"
SPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: lab, namespace: wrong}\n"


def read(line: str) -> OfManifest:
    found = parse(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu", "staging"))
    assert isinstance(found, OfManifest)
    return found


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("kubectl apply -f -", Apply),
        ("apply --filename=- --server-side --force-conflicts", Apply),
        ("create -f-", CreateFrom),
        ("replace -f -", ReplaceFrom),
        ("delete -f - --now --cascade=orphan --ignore-not-found", DeleteFrom),
        ("apply -f - --context staging", Apply),
    ],
)
def test_a_manifest_below_a_line_is_part_of_the_command_and_of_its_line(line: str, kind: type[OfManifest]) -> None:
    found = read(f"{line}\n{ONE}{TWO}{SPACE}")
    assert type(found) is kind
    assert [(o["kind"], o["metadata"].get("namespace")) for o in found.decoded()] == [
        ("ConfigMap", "shop"),
        ("Secret", "qa"),
        ("Namespace", None),
    ]
    again = parse(found.full_line(), cluster="prod-eu", namespace="elsewhere", clusters=("prod-eu", "staging"))
    assert isinstance(again, OfManifest)
    assert (again.objects, again.arguments(), again.cluster) == (found.objects, found.arguments(), found.cluster)
    assert again.risk is found.risk
    assert "it's" not in found.short_line()
    assert looks_like_kubectl(f"{line}\n{ONE}")


@pytest.mark.parametrize(
    ("line", "code", "part"),
    [
        ("apply -f -", "missing_manifest", "Paste the manifest"),
        ("apply", "missing_manifest", "-f -"),
        (f"get pods\n{ONE}", "shell_syntax", "One command per message"),
        (f"apply -f web.yaml\n{ONE}", "flag_refused", "addresses are not fetched"),
        (f"apply -f https://example.com/x.yaml\n{ONE}", "flag_refused", "addresses are not fetched"),
        (f"apply -k .\n{ONE}", "flag_refused", "no files"),
        (f"apply -f - --prune -l a=b\n{ONE}", "unsupported", "missing in a manifest"),
        (f"apply -f - --server-side=false\n{ONE}", "unsupported", "by the server alone"),
        (f"replace -f - --force\n{ONE}", "unsupported", "use delete and then create"),
        (f"create -f - --raw=/api\n{ONE}", "flag_refused", "requests are made from commands"),
        (f"create -f - --save-config\n{ONE}", "unsupported", "leave --save-config out"),
        (f"apply -f - --dry-run=none\n{ONE}", "unsupported", "dry run"),
        (f"apply -f - extra\n{ONE}", "unexpected_word", "extra"),
        (f"apply -f - -n other\n{TWO}", "namespace_mismatch", '"qa" and not "other"'),
        (f"delete -f - --all\n{ONE}", "invalid_flag", "do not go together"),
        ("apply -f -\n- just\n- a list\n", "not_an_object", "is no object"),
        ("apply -f -\nkind: Pod\nmetadata: {name: a}\n", "not_an_object", "has no apiVersion"),
        ("apply -f -\napiVersion: v1\nkind: Pod\n", "not_an_object", "has no metadata"),
        ("apply -f -\napiVersion: v1\nkind: Pod\nmetadata: {}\n", "not_an_object", "no metadata.name"),
        ("create -f -\napiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n", "unsupported", "generateName"),
        ("apply -f -\napiVersion: v1\nkind: Pod\nmetadata: {name: '../../x'}\n", "invalid_name", "is not a name"),
        ("apply -f -\napiVersion: v1\nkind: ../Pod\nmetadata: {name: x}\n", "invalid_name", "resource type"),
        (f"apply -f -\n{ONE}---\n{ONE}", "given_twice", "twice"),
        ("apply -f -\n# nothing\n", "missing_manifest", "holds no object"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(line: str, code: str, part: str) -> None:
    with pytest.raises(KubeChatError) as caught:
        read(line)
    assert caught.value.code == code, caught.value.message
    assert part in caught.value.message


def test_a_list_is_its_items() -> None:
    found = read(
        'apply -f -\n{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}]}'
    )
    assert [item["kind"] for item in found.decoded()] == ["Pod"]


async def test_the_event_loop_goes_on_while_a_large_manifest_is_read() -> None:
    """In the loop itself this took a quarter of a second, and five times that where it was too large."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    data = "".join(f"  k{number}: v\n" for number in range(5_000))
    line = f"apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata:\n{data}"
    found = await parse_aside(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    counting.cancel()
    assert isinstance(found, Apply)
    assert turns > 5

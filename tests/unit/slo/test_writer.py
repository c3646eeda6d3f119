"""Generated files are the same each time, written whole or not at all, and their drift is said."""

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from slo import writer
from slo.writer import HEADER, drift, json_file, write_all, yaml_file


@pytest.fixture
def files():
    return (yaml_file("made/a.yaml", {"b": 1, "a": ["x"]}), json_file("made/b.json", {"b": 1, "a": 2}))


def test_yaml_is_sorted_under_the_header_and_reads_back(files):
    text = files[0].text
    assert text.startswith(HEADER)
    assert "do not edit" in HEADER
    assert text.removeprefix(HEADER) == "a:\n- x\nb: 1\n"


def test_several_lines_are_written_as_a_block():
    text = yaml_file("x.yaml", {"expr": "a\n+ b"}).text
    assert "expr: |-\n" in text
    assert yaml.safe_load(text) == {"expr": "a\n+ b"}


def test_the_same_value_twice_is_written_out_twice():
    shared = {"a": 1}
    assert "&" not in yaml_file("x.yaml", [shared, shared]).text


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@example(data=["1", "1.5", "yes", "null", "", "~", "2026-11-25", " x", "a: b", "# no comment", "x\n", "\nx", " a\nb "])
def test_what_is_written_reads_back_as_it_was(data):
    assert yaml.load(yaml_file("x.yaml", data).text, Loader=yaml.CSafeLoader) == data


def test_a_value_that_yaml_would_need_a_python_type_for_is_refused():
    with pytest.raises(TypeError, match="bytes has no place in a generated file"):
        yaml_file("x.yaml", {"a": b"x"})


def test_json_is_sorted_and_ends_with_a_newline(files):
    assert files[1].text == '{\n  "a": 2,\n  "b": 1\n}\n'
    assert json.loads(files[1].text) == {"a": 2, "b": 1}


def test_only_what_differs_is_written(files, tmp_path):
    assert set(write_all(files, tmp_path, ["made"])) == {tmp_path / "made/a.yaml", tmp_path / "made/b.json"}
    assert write_all(files, tmp_path, ["made"]) == ()
    assert drift(files, tmp_path, ["made"]) == ()


def test_missing_changed_and_left_over_files_are_each_said(files, tmp_path):
    write_all(files, tmp_path, ["made"])
    (tmp_path / "made/a.yaml").write_text("touched by hand")
    (tmp_path / "made/b.json").unlink()
    (tmp_path / "made/old.yaml").write_text("")
    assert drift(files, tmp_path, ["made"]) == (
        "made/a.yaml differs from what is generated",
        "made/b.json is missing",
        "made/old.yaml is no longer generated",
    )
    write_all(files, tmp_path, ["made"])
    assert drift(files, tmp_path, ["made"]) == ()
    assert not (tmp_path / "made/old.yaml").exists()


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(files, tmp_path, monkeypatch):
    write_all(files, tmp_path, ["made"])
    changed = yaml_file("made/a.yaml", {"new": True})

    def refuse(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(writer.os, "fdopen", refuse)
    with pytest.raises(OSError, match="disk is full"):
        write_all((changed,), tmp_path)
    assert (tmp_path / "made/a.yaml").read_text() == files[0].text
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["a.yaml", "b.json"]

"""Results on a terminal: aligned as kubectl's, each on its stream, with its exit status."""

from __future__ import annotations

from app.domain.commands.printing import Printed, printed, printed_error
from app.domain.commands.results import Column, OutputResult, TableResult, from_event
from app.domain.commands.tabs import aligned
from app.infra.kubernetes.errors import status_error

COLUMNS = (Column("NAME"), Column("READY"), Column("NODE", priority=1))


def table(*rows: list[str], **more: object) -> TableResult:
    return TableResult("kubectl get pods", "prod-eu", "shop", COLUMNS, list(rows), **more)  # type: ignore[arg-type]


def test_columns_are_three_spaces_apart_and_wide_ones_are_left_out() -> None:
    said = printed([table(["web-1", "1/1", "node-a"], ["db", "0/1", "node-b"])])
    assert said == Printed("NAME    READY\nweb-1   1/1\ndb      0/1\n")


def test_a_table_without_rows_prints_nothing_and_one_without_headings_only_rows() -> None:
    assert printed([table()]) == Printed()
    assert printed([table(["web-1", "1/1", ""], headings=False)]).out == "web-1   1/1\n"
    assert printed([table(empty_shown=True)]).out == "NAME   READY\n"


def test_tables_are_parted_by_an_empty_line() -> None:
    one = table(["a", "b", ""])
    assert printed([one, one]).out == "NAME   READY\na      b\n\nNAME   READY\na      b\n"


def test_a_cell_of_several_lines_is_cut_after_its_first() -> None:
    assert printed([table(["a\nb", "c", ""])]).out == "NAME   READY\na...   c\n"


def test_notes_go_to_the_other_stream_and_a_status_is_kept() -> None:
    note = OutputResult("kubectl get pod x", "prod-eu", "", notes="Error from server\n", status=1)
    assert printed([table(["a", "b", ""]), note]) == Printed("NAME   READY\na      b\n", "Error from server\n", 1)


def test_errors_of_ours_begin_with_error_and_the_servers_with_its_own_words() -> None:
    assert printed_error("no") == Printed(err="error: no\n", status=1)
    body = {"kind": "Status", "reason": "NotFound", "message": 'pods "x" not found'}
    found = printed_error(status_error("prod-eu", 404, body, None).message)
    assert printed_error("no", "diff").status == 2
    assert found.err == 'Error from server (NotFound): pods "x" not found\n'


def test_an_invalid_object_is_told_field_by_field() -> None:
    details = {"kind": "Deployment", "name": "web", "causes": [{"field": "spec.a", "message": "no"}]}
    body = {"kind": "Status", "reason": "Invalid", "message": "x", "details": details}
    assert status_error("c", 422, body, None).message == 'The Deployment "web" is invalid: spec.a: no'
    details["causes"] = [{"field": "spec.a", "message": "no"}, {"field": "spec.b", "message": "never"}]
    assert status_error("c", 422, body, None).message.splitlines() == [
        'The Deployment "web" is invalid: ',
        "* spec.a: no",
        "* spec.b: never",
    ]


def test_a_result_comes_back_out_of_its_event() -> None:
    for result in (table(["a", "b", "c"], headings=False), OutputResult("x", "y", "z", notes="n", status=1)):
        assert from_event(result.to_event()) == result
    assert from_event({"type": "turn"}) is None


def test_a_run_of_lines_is_as_wide_as_its_widest_cell_and_the_next_is_measured_anew() -> None:
    assert aligned("a\tb\nlonger\tb\nnone\nx\ty\n", least=0, padding=1) == "a      b\nlonger b\nnone\nx y\n"

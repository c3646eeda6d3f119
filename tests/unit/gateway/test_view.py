"""Views: which rows are kept, how ages and quantities compare."""

from __future__ import annotations

import pytest

from app.domain.commands.results import Column, OutputResult, TableResult
from app.errors import InvalidInputError
from app.gateway.service.view import Condition, View

PODS = (
    ("web-1", "Running", "0", "5d2h", "250m", "2/2"),
    ("web-2", "CrashLoopBackOff", "7 (3m ago)", "12m", "1", "0/1"),
    ("cart-1", "Pending", "12", "3h", "2", "1/1"),
)


def table() -> TableResult:
    columns = tuple(Column(name, "string", 0) for name in ("NAME", "STATUS", "RESTARTS", "AGE", "CPU", "READY"))
    return TableResult("kubectl get pods -n shop", "prod-eu", "shop", columns, [list(row) for row in PODS], 3, 3)


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (Condition("STATUS", "not in", "Running,Completed"), ["web-2", "cart-1"]),
        (Condition("status", "=", "running"), ["web-1"]),
        (Condition("STATUS", "!=", "Running"), ["web-2", "cart-1"]),
        (Condition("RESTARTS", ">", "5"), ["web-2", "cart-1"]),
        (Condition("RESTARTS", "<", "7"), ["web-1"]),
        (Condition("AGE", ">", "10800"), ["web-1"]),
        (Condition("AGE", "<", "3600"), ["web-2"]),
        (Condition("CPU", ">", "500m"), ["web-2", "cart-1"]),
        (Condition("READY", "!=", "all"), ["web-2"]),
        (Condition("READY", "=", "all"), ["web-1", "cart-1"]),
        (Condition("NO SUCH COLUMN", "=", "x"), ["web-1", "web-2", "cart-1"]),
    ],
)
def test_only_rows_that_hold_are_kept_and_the_total_says_so(condition: Condition, names: list[str]) -> None:
    shown = View((condition,)).apply(table())
    assert isinstance(shown, TableResult)
    assert [row[0] for row in shown.rows] == names
    assert shown.total == shown.shown == len(names)


def test_a_shortened_table_is_said_to_be_one() -> None:
    view = View((Condition("STATUS", "=", "Running"),), limit=1)
    assert view.words() == "STATUS is Running; the first 1"
    assert View().words() == ""


def test_a_log_keeps_its_matching_lines() -> None:
    log = OutputResult(
        "kubectl logs web-1", "prod-eu", "INFO ok\nERROR bad\ninfo error again\n", "log", truncated=False
    )
    shown = View(match="error").apply(log)
    assert isinstance(shown, OutputResult)
    assert shown.text == "ERROR bad\ninfo error again\n"


@pytest.mark.parametrize("value", [None, [], "x", {"where": "x", "limit": -1}, {"where": [3], "limit": "many"}])
def test_what_cannot_be_read_asks_for_nothing(value: object) -> None:
    assert View.read(value) == View()


def test_more_conditions_than_anybody_has_in_mind_are_refused_and_what_is_no_list_asks_for_nothing() -> None:
    one = {"column": "NAME", "op": "=", "value": "web"}
    assert len(View.read({"where": [one] * 20}).where) == 20
    with pytest.raises(InvalidInputError, match="20 conditions at most"):
        View.read({"where": [one] * 21})
    assert View.read({"where": 7}) == View()

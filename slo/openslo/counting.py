"""PromQL from strangers: which counters a query adds up, or why it is none that events can be counted by.

A query is taken apart, and never passed on as it is: ranges, rates and windows are the engine's own business, so that
the same counters give counts for each of its windows. A query whose value is compared instead of counted is only
checked. Lengths are bounded before the parser sees them, for it slows down badly with deep or long expressions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import promql_parser as parser

from slo import promql
from slo.openslo.faults import quoted, shown
from slo.promql import Matcher, Query, Selector

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_QUERY: Final = 4_096  # characters
_DEEPEST: Final = 30  # brackets
_MOST_OPERATORS: Final = 80
_MOST_COUNTERS: Final = 24

_RATES: Final = frozenset({"rate", "increase"})
_OPERATORS: Final = (
    (parser.MatchOp.Equal, "="),
    (parser.MatchOp.NotEqual, "!="),
    (parser.MatchOp.Re, "=~"),
    (parser.MatchOp.NotRe, "!~"),
)
_NAME_LABEL: Final = "__name__"
_BUCKET_LABEL: Final = "le"
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_STRING: Final = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`'
_STRING_OR_COMMENT = re.compile(rf"({_STRING})|#[^\n]*")
_STRINGS = re.compile(_STRING)
# Sloth writes {{.window}}, and Grafana $__rate_interval, for a range that is filled in later.
_LATER = re.compile(r"\[\s*(?:\{\{-?\s*\.?\w+\s*-?\}\}|\$\{?\w+\}?)\s*\]")
_CONDITIONS = re.compile(r"\{[^{}]*\}")
_OPERATOR = re.compile(r"[-+*/%^<>]|[=!]=|\b(?:and|or|unless|atan2)\b")
_BOUND = re.compile(r"[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")


class UnreadableQueryError(ValueError):
    """Text that no Prometheus would take; the message says what is wrong."""


class UncountableError(ValueError):
    """A query that Prometheus takes, and events cannot be counted by; the message says why."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Counters whose sum a query asks for.

    Attributes:
        counters: the counters.
        by: labels by which the sum is kept apart.
        notes: what of the query is not carried over, because the engine has its own.
    """

    counters: tuple[Selector, ...]
    by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A query whose value is compared.

    Attributes:
        query: the query.
        presence: the first series that it asks for.
        notes: what of it is not carried over.
    """

    query: Query
    presence: Selector
    notes: tuple[str, ...] = ()


def counted(text: str) -> Counted:
    """The counters that a query adds up.

    Raises:
        UnreadableQueryError: when it does not parse.
        UncountableError: when it is no sum of counters.
    """
    filled, notes = _filled(text)
    found = _sum(_parsed(filled))
    if len(found.counters) > _MOST_COUNTERS:
        raise UncountableError(f"it adds up more than {_MOST_COUNTERS} counters")
    return Counted(found.counters, found.by, tuple(dict.fromkeys((*notes, *found.notes))))


def difference(text: str) -> tuple[Counted, Counted] | None:
    """Both sides of a difference of two sums of counters; None when the query is something else."""
    try:
        found = _bare(_parsed(_filled(text)[0]))
        if isinstance(found, parser.BinaryExpr) and str(found.op) == "-" and _plain(found):
            return _sum(found.lhs), _sum(found.rhs)
    except UncountableError:
        pass
    return None


def compared(text: str) -> Compared:
    """A query whose value is compared.

    Raises:
        UnreadableQueryError: when it does not parse.
        UncountableError: when it has no value at an instant, or asks for no series that has a name.
    """
    filled, notes = _filled(text)
    found = _parsed(filled)
    query = Query(filled.strip(), compound=True)
    try:
        _parse(promql.total(promql.above(query, 0)).text)
    except UnreadableQueryError as exc:
        raise UncountableError("it finds no series whose values could be compared") from exc
    for node in (each for each in _nodes(found) if isinstance(each, parser.VectorSelector)):
        try:
            return Compared(query, _selector(node, exact=False), notes)
        except UncountableError:
            continue
    raise UncountableError("it asks for no series with a name, so that nobody could notice when there is none")


def of_one_bucket(found: Counted) -> Counted:
    """The same for a histogram's buckets, where a bound is chosen by `le`.

    The bound is asked for in both of its spellings, because Prometheus 3 makes 1.0 of a client's 1; and a label of
    which one value is chosen keeps nothing apart.
    """
    counters = tuple(
        Selector(counter.name, tuple((label, _bound(label, match)) for label, match in counter.where))
        for counter in found.counters
    )
    chosen = any(label == _BUCKET_LABEL for counter in found.counters for label, _ in counter.where)
    return replace(found, counters=counters, by=tuple(each for each in found.by if each != _BUCKET_LABEL or not chosen))


def selector(text: str) -> Selector:
    """A selector as it is; UnreadableQueryError or UncountableError when the text is something else."""
    found = _parsed(_filled(text)[0])
    if not isinstance(found, parser.VectorSelector):
        raise UncountableError("it has to be the name of a metric, with conditions on its labels")
    return _selector(found)


def counters_in(query: Query) -> tuple[Selector, ...]:
    """The counters of one of the engine's own queries, in the order in which it counts them."""
    return tuple(
        _selector(call.args[0].vector_selector)
        for call in _nodes(_parse(query.text))
        if isinstance(call, parser.Call) and call.func.name == "increase"
    )


def _filled(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without comments and with a range where one is filled in later."""
    if len(text) > LONGEST_QUERY:
        raise UnreadableQueryError(f"this query is longer than {LONGEST_QUERY} characters")
    bare = _STRING_OR_COMMENT.sub(lambda found: found[1] or "", text)
    filled = _LATER.sub("[5m]", bare)
    return filled, () if filled == bare else (_range_note(),)


def _range_note() -> str:
    return "the range in it is replaced: events are counted from one entry in the book to the next"


def _parsed(text: str) -> Any:
    outside = _STRINGS.sub("", text)
    depth = deepest = 0
    for char in outside:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise UnreadableQueryError(f"this query is nested more than {_DEEPEST} brackets deep")
    if len(_OPERATOR.findall(_CONDITIONS.sub("", outside))) > _MOST_OPERATORS:
        raise UnreadableQueryError(f"this query has more than {_MOST_OPERATORS} operators")
    return _parse(text)


def _parse(text: str) -> Any:
    try:
        return parser.parse(text)
    except ValueError as exc:
        raise UnreadableQueryError(f"this query does not parse ({shown(str(exc))}): {shown(text)}") from exc


def _sum(node: Any) -> Counted:
    node = _bare(node)
    if isinstance(node, parser.BinaryExpr):
        return _added(node)
    if isinstance(node, parser.AggregateExpr):
        return _aggregated(node)
    counter, notes = _counter(node)
    return Counted((counter,), (), notes)


def _added(node: Any) -> Counted:
    operator = str(node.op)
    if operator == "or" and _is_zero(node.rhs):
        return _sum(node.lhs)  # a counter that is not there yet counts nothing anyway
    if operator != "+" or not _plain(node):
        raise UncountableError(f"it is no sum of counters, but uses {quoted(operator)}")
    left, right = _sum(node.lhs), _sum(node.rhs)
    if left.by != right.by:
        raise UncountableError("its parts are kept apart by different labels")
    return Counted((*left.counters, *right.counters), left.by, (*left.notes, *right.notes))


def _aggregated(node: Any) -> Counted:
    if str(node.op) != "sum":
        raise UncountableError(f"{node.op}() over counters is no count of events")
    if node.modifier is not None and node.modifier.type != parser.AggModifierType.By:
        raise UncountableError("sum without (…) keeps apart by labels that it does not name; write sum by (…)")
    counter, notes = _counter(_bare(node.expr))
    return Counted((counter,), () if node.modifier is None else tuple(dict.fromkeys(node.modifier.labels)), notes)


def _counter(node: Any) -> tuple[Selector, tuple[str, ...]]:
    if isinstance(node, parser.VectorSelector):
        return _selector(node), ()
    if isinstance(node, parser.Call) and node.func.name in _RATES:
        inside = _bare(node.args[0])
        if isinstance(inside, parser.MatrixSelector):
            return _selector(inside.vector_selector), (_range_note(),)
    if isinstance(node, parser.Call):
        raise UncountableError(f"{node.func.name}() is no count of events; rate() and increase() of a counter are")
    if isinstance(node, parser.BinaryExpr):
        raise UncountableError("counters are combined within a sum; write sum(a) + sum(b)")
    if isinstance(node, parser.AggregateExpr):
        raise UncountableError("sums are nested in one another; one sum is enough")
    raise UncountableError("it is no counter and no sum of counters")


def _selector(node: Any, *, exact: bool = True) -> Selector:
    if exact and (node.offset is not None or node.at is not None):
        raise UncountableError("it looks at another time (offset or @)")
    if node.matchers.or_matchers:
        raise UncountableError('conditions joined by "or" within { } are not read')
    name, where = node.name, []
    for match in node.matchers.matchers:
        operator = next(written for known, written in _OPERATORS if match.op == known)
        if match.name == _NAME_LABEL and name is None and operator == "=":
            name = match.value
        elif match.name == _NAME_LABEL or not _LABEL.fullmatch(match.name):
            raise UncountableError(f"a condition on {quoted(match.name)} is not read")
        else:
            where.append((match.name, Matcher(operator, match.value, match.value if operator == "=" else "")))
    if name is None or not _METRIC.fullmatch(name):
        raise UncountableError("it does not say by name which metric it asks for")
    return Selector(name, tuple(where))


def _bound(label: str, match: Matcher) -> Matcher:
    if label != _BUCKET_LABEL or match.operator != "=" or not _BOUND.fullmatch(match.value):
        return match
    spelled = (match.value, repr(float(match.value)), promql.number(float(match.value)))
    values = sorted(dict.fromkeys(spelled), key=len, reverse=True)
    if len(values) == 1:
        return match
    return Matcher("=~", "|".join(value.replace(".", r"\.").replace("+", r"\+") for value in values), match.value)


def _plain(node: Any) -> bool:
    """Whether both sides meet by all of their labels."""
    modifier = node.modifier
    return modifier is None or (modifier.matching is None and not modifier.group_labels and not modifier.return_bool)


def _is_zero(node: Any) -> bool:
    node = _bare(node)
    if not (isinstance(node, parser.Call) and node.func.name == "vector"):
        return False
    value = _bare(node.args[0])
    return isinstance(value, parser.NumberLiteral) and value.val == 0


def _bare(node: Any) -> Any:
    while isinstance(node, parser.ParenExpr):
        node = node.expr
    return node


def _nodes(root: Any) -> Iterator[Any]:
    """All parts of an expression, from the left; `promql_parser.walk` takes minutes where this takes no time."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, parser.BinaryExpr):
            waiting += [node.rhs, node.lhs]
        elif isinstance(node, parser.Call):
            waiting += reversed(node.args)
        elif isinstance(node, parser.MatrixSelector):
            waiting.append(node.vector_selector)
        elif isinstance(node, (parser.AggregateExpr, parser.ParenExpr, parser.SubqueryExpr, parser.UnaryExpr)):
            waiting.append(node.expr)

"""PromQL built by typed functions, and checked by a parser before anybody sees it.

It exists so that no query is glued together out of strings in a rule or a panel, where a missing bracket shows at
night. Functions return a `Query`; `checked` parses it. It knows no metric but Prometheus' own `up`: all other names
come from the metric catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import promql_parser

from slo.prometheus import UP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RATE_INTERVAL: Final = "$__rate_interval"
"""Grafana's variable for the shortest window in which a rate is sound; for panels only."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_PLACEHOLDERS: Final = {"__rate_interval": "5m", "__range": "1h", "__interval": "1m"}


class PromQLError(ValueError):
    """A query that no Prometheus would take."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label's value.

    Attributes:
        operator: one of `=`, `!=`, `=~`, `!~`.
        value: the value or the regular expression.
        example: a value that satisfies the condition; test series are made with it.
    """

    operator: str
    value: str
    example: str


def equals(value: str) -> Matcher:
    """The label has this value."""
    return Matcher("=", value, value)


def differs(value: str, example: str) -> Matcher:
    """The label has another value than this one."""
    return Matcher("!=", value, example)


def matches(pattern: str, example: str = "") -> Matcher:
    """The whole of the label's value matches this regular expression."""
    return Matcher("=~", pattern, example)


def one_of(values: Iterable[str]) -> Matcher:
    """The label has one of these values, which hold no characters with a meaning in a regular expression."""
    listed = tuple(values)
    return Matcher("=~", "|".join(listed), listed[0])


def none_of(values: Iterable[str], example: str) -> Matcher:
    """The label has another value than these, which hold no characters with a meaning in a regular expression."""
    return Matcher("!~", "|".join(values), example)


@dataclass(frozen=True, slots=True)
class Query:
    """A piece of PromQL.

    Attributes:
        text: the piece itself.
        compound: whether it needs brackets as an operand.
    """

    text: str
    compound: bool = False
    # Kept with the query: a rule is checked when it is made, and broken into lines long after that.
    _tree: Any = field(default=None, init=False, repr=False, compare=False)

    @property
    def operand(self) -> str:
        """The text as it stands beside an operator."""
        return f"({self.text})" if self.compound else self.text

    @property
    def pretty(self) -> str:
        """The query broken into lines where it is long; PromQLError when it does not parse."""
        return str(self.parsed().prettify()).rstrip()

    def parsed(self) -> Any:
        """The parser's tree of the whole query, parsed once; PromQLError when it does not parse."""
        if self._tree is None:
            object.__setattr__(self, "_tree", _parsed(self.text))
        return self._tree


@dataclass(frozen=True, slots=True)
class Selector:
    """Series of one metric.

    Attributes:
        name: the metric's name.
        where: conditions on labels, in the order in which they are written.
    """

    name: str
    where: tuple[tuple[str, Matcher], ...] = ()

    @property
    def text(self) -> str:
        """The selector as PromQL."""
        if not self.where:
            return self.name
        conditions = ",".join(f"{label}{match.operator}{quoted(match.value)}" for label, match in self.where)
        return f"{self.name}{{{conditions}}}"

    @property
    def query(self) -> Query:
        """The series' present values."""
        return Query(self.text)

    @property
    def example(self) -> dict[str, str]:
        """Labels of a series that this selector finds."""
        return {label: match.example for label, match in self.where}

    def narrowed(self, **where: str | Matcher) -> Selector:
        """This selector with more conditions; a condition on the same label takes the older one's place."""
        merged = dict(self.where) | {label: _matcher(match) for label, match in where.items()}
        return replace(self, where=tuple(merged.items()))


def select(name: str, **where: str | Matcher) -> Selector:
    """Series of this metric that satisfy all conditions; a bare string is a value to be equal to."""
    return Selector(name, tuple((label, _matcher(match)) for label, match in where.items()))


def increase(series: Selector, window: float | str) -> Query:
    """How much each counter rose over the window (seconds, or a variable of Grafana's)."""
    return _over("increase", series, window)


def rate(series: Selector, window: float | str) -> Query:
    """How much each counter rises per second, over the window."""
    return _over("rate", series, window)


def sum_over_time(series: Selector, window: float | str) -> Query:
    """The sum of each series' samples in the window."""
    return _over("sum_over_time", series, window)


def mean_over_time(series: Selector, window: float | str) -> Query:
    """The mean of each series' samples in the window."""
    return _over("avg_over_time", series, window)


def counted(counter: Selector, window: float) -> Query:
    """How many events each counter saw in the window (seconds), the one that gave birth to it included.

    `increase` sees no rise in a counter's first sample, so that the first failure of every kind would go uncounted: a
    counter with labels appears with its first event. A first sample counts in full here when its target was scraped
    before without it. Without that condition a gap in the scrapes would count a counter's whole life again.
    """
    length = duration(window)
    newborn = f"min_over_time({counter.text}[{length}]) unless {counter.text} offset {length}"
    known = f"({UP} offset {length} == 1)"
    # The added label keeps a newborn's first sample beside its increase, where `or` would drop it.
    first = f'label_replace({newborn} and on (job, instance) {known}, "sample", "first", "", "")'
    return Query(f"increase({counter.text}[{length}]) or {first}", compound=True)


def joined(queries: Iterable[Query]) -> Query:
    """All series of several queries side by side, also those whose labels are the same; one query stays as it is."""
    parts = tuple(queries)
    if len(parts) == 1:
        return parts[0]
    named = (f'label_replace({part.text}, "part", "{number}", "", "")' for number, part in enumerate(parts, start=1))
    return Query(" or ".join(named), compound=True)


def total(query: Query, by: tuple[str, ...] = ()) -> Query:
    """The sum over all series, or per combination of these labels."""
    return _aggregated("sum", query, by)


def largest(number_: int, query: Query) -> Query:
    """So many series, those of the largest values."""
    return Query(f"topk({number_}, {query.text})")


def average(query: Query, by: tuple[str, ...] = ()) -> Query:
    """The mean over all series, or per combination of these labels; never of ratios with different denominators."""
    return _aggregated("avg", query, by)


def minimum(query: Query, by: tuple[str, ...] = ()) -> Query:
    """The smallest value of all series, or per combination of these labels."""
    return _aggregated("min", query, by)


def maximum(query: Query, by: tuple[str, ...] = ()) -> Query:
    """The largest value of all series, or per combination of these labels."""
    return _aggregated("max", query, by)


def number_of(query: Query) -> Query:
    """How many series there are; nothing when there is none."""
    return Query(f"count({query.text})")


def count_by(query: Query, by: tuple[str, ...]) -> Query:
    """How many series there are per combination of these labels."""
    return _aggregated("count", query, by)


def quantile(of: float, buckets: Selector, window: float | str, by: tuple[str, ...] = ()) -> Query:
    """A quantile of a histogram over the window, from its bucket series, per combination of these labels."""
    return Query(f"histogram_quantile({number(of)}, {total(rate(buckets, window), ('le', *by)).text})")


def present_over_time(series: Selector, window: float | str, ago_s: float = 0) -> Query:
    """1 for each series that had a sample in the window, which ended so many seconds ago."""
    if not ago_s:
        return _over("present_over_time", series, window)
    return Query(f"present_over_time({series.text}[{duration(window)}] offset {duration(ago_s)})")


def last_over_time(series: Selector, window: float | str) -> Query:
    """Each series' last sample in the window, however long ago it was."""
    return _over("last_over_time", series, window)


def sum_of_month(series: Selector) -> Query:
    """The sum of what each series recorded since the calendar month began (UTC), up to the last full hour.

    A range has a fixed length and a month has not: of the hours of the last 31 days, those count that ended in the
    present month.
    """
    # Asked at the end of the subquery, `month()` is the present month at each of its steps.
    now = "last_over_time(month()[1s:1s] @ end())"
    # A millisecond less than the hour: up to Prometheus 2 a range holds the samples at both of its ends.
    hour = f"sum_over_time({series.text}[59m59s999ms])"
    return Query(f"sum_over_time(({hour} and on () (month(vector(time() - 1)) == on () {now}))[31d:1h])")


def absent(query: Query) -> Query:
    """1 while the query finds nothing, else nothing."""
    return Query(f"absent({query.text})")


def at_least(query: Query, floor: float) -> Query:
    """The query's values, none of them under the floor: `clamp_min`."""
    return Query(f"clamp_min({query.text}, {number(floor)})")


def between(query: Query, lowest: float, highest: float) -> Query:
    """The query's values, none of them under or over the bounds: `clamp`."""
    return Query(f"clamp({query.text}, {number(lowest)}, {number(highest)})")


def rounded_up(query: Query) -> Query:
    """Each value as the next whole number."""
    return Query(f"ceil({query.text})")


def constant(value: float) -> Query:
    """One series without labels that always has this value."""
    return Query(f"vector({number(value)})")


def plus(left: Query, right: Query) -> Query:
    """The sum of series with the same labels."""
    return _binary(left, "+", right)


def minus(left: Query, right: Query) -> Query:
    """The difference of series with the same labels."""
    return _binary(left, "-", right)


def times(query: Query, factor: float) -> Query:
    """Each value times a number."""
    return Query(f"{number(factor)} * {query.operand}", compound=True)


def scaled(query: Query, switch: Selector) -> Query:
    """Each value times the one value of another series; as it is while that series is not there."""
    return Query(f"{query.operand} * scalar({switch.text} or on () vector(1))", compound=True)


def complement(query: Query) -> Query:
    """One minus each value."""
    return Query(f"1 - {query.operand}", compound=True)


def divided(left: Query, right: Query, on: tuple[str, ...] | None = None, *, many_left: bool = False) -> Query:
    """The quotient of series with the same labels.

    Args:
        left: the numerator.
        right: the denominator.
        on: labels that decide which series belong together; all of them when left out.
        many_left: several series on the left meet one on the right, and keep their labels.
    """
    matching = "" if on is None else f" on ({', '.join(on)})" + (" group_left ()" if many_left else "")
    return _binary(left, f"/{matching}", right)


def with_labels(left: Query, info: Query, on: tuple[str, ...], labels: tuple[str, ...]) -> Query:
    """The series on the left with labels of a series that is always 1, and that has the same values of `on`."""
    return _binary(left, f"* on ({', '.join(on)}) group_left ({', '.join(labels)})", info)


def above(query: Query, threshold: float) -> Query:
    """The series whose value is over the threshold."""
    return Query(f"{query.operand} > {number(threshold)}", compound=True)


def below(query: Query, threshold: float) -> Query:
    """The series whose value is under the threshold."""
    return Query(f"{query.operand} < {number(threshold)}", compound=True)


def more(left: Query, right: Query) -> Query:
    """The series on the left whose value is over that of the one on the right with the same labels."""
    return _binary(left, ">", right)


def fewer(left: Query, right: Query) -> Query:
    """The series on the left whose value is under that of the one on the right with the same labels."""
    return _binary(left, "<", right)


def at_most_now(query: Query) -> Query:
    """The series whose value, seconds since 1970, is the present time or before it."""
    return Query(f"{query.operand} <= time()", compound=True)


def after_now(query: Query) -> Query:
    """The series whose value, seconds since 1970, is yet to come."""
    return Query(f"{query.operand} > time()", compound=True)


def until_now(query: Query) -> Query:
    """Seconds from now until each value, a moment in seconds since 1970; below zero when it has passed."""
    return Query(f"{query.operand} - time()", compound=True)


def reaching(query: Query, threshold: float) -> Query:
    """The series whose value is the threshold or more."""
    return Query(f"{query.operand} >= {number(threshold)}", compound=True)


def ago(query: Query, seconds: float) -> Query:
    """The same series as they were so many seconds ago; for a query that is one selector."""
    return Query(f"{query.text} offset {duration(seconds)}")


def equal_to(query: Query, value: float) -> Query:
    """The series that have exactly this value."""
    return Query(f"{query.operand} == {number(value)}", compound=True)


def both(left: Query, *others: Query, on: tuple[str, ...] | None = None) -> Query:
    """The series on the left for which all the others have one as well, by all labels or by these."""
    matching = "" if on is None else f" on ({', '.join(on)})"
    return Query(f" and{matching} ".join(query.operand for query in (left, *others)), compound=True)


def either(left: Query, right: Query) -> Query:
    """The series on the left, and those on the right whose labels the left has not."""
    return _binary(left, "or", right)


def unless(left: Query, right: Query) -> Query:
    """The series on the left whose labels the right has not."""
    return _binary(left, "unless", right)


@lru_cache(maxsize=256)
def duration(seconds: float | str) -> str:
    """Seconds as Prometheus writes them, in the largest whole unit ("90m", "3d"); a variable of Grafana's as it is.

    Raises:
        PromQLError: for a duration that is not a positive whole number of seconds.
    """
    if isinstance(seconds, str):
        return seconds
    if seconds <= 0 or seconds != int(seconds):
        raise PromQLError(f"a window of {number(seconds)} s is not a positive whole number of seconds")
    unit, length = next((unit, length) for unit, length in _UNITS if seconds % length == 0)
    return f"{int(seconds) // length}{unit}"


def number(value: float) -> str:
    """A number as a literal, rounded to nine digits so that no float's noise shows: 0.0144, never 0.01440000000001."""
    return f"{value:.9g}"


def quoted(value: str) -> str:
    """A string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with Grafana's variables (`$name`, `${name}`, `${name:format}`) replaced.

    Raises:
        PromQLError: for a variable without a value.
    """

    def value_of(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in variables:
            raise PromQLError(f"the variable ${name} has no value in: {text}")
        return variables[name]

    return _VARIABLE.sub(value_of, text)


def checked(query: Query, variables: Mapping[str, str] | None = None) -> str:
    """The query's text, after a parser took it.

    Args:
        query: what to check.
        variables: values of the dashboard's variables, by name; those of Grafana itself are known. None for a rule's
            query, in which a dollar sign is a dollar sign.

    Raises:
        PromQLError: when it does not parse.
    """
    if variables is None:
        query.parsed()
    else:
        _parsed(filled(query.text, {**_PLACEHOLDERS, **variables}))
    return query.text


def names_in(text: str) -> frozenset[str]:
    """The names of all metrics that a query asks for; PromQLError when it does not parse."""
    found: set[str] = set()

    def note(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector) and node.name is not None:
            found.add(node.name)
        return True

    promql_parser.walk(_parsed(text), note)
    return frozenset(found)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    try:
        return promql_parser.parse(text)
    except ValueError as exc:
        raise PromQLError(f"this query does not parse ({exc}): {text}") from exc


def _matcher(match: str | Matcher) -> Matcher:
    return equals(match) if isinstance(match, str) else match


def _over(function: str, series: Selector, window: float | str) -> Query:
    return Query(f"{function}({series.text}[{duration(window)}])")


def _aggregated(function: str, query: Query, by: tuple[str, ...]) -> Query:
    grouping = f" by ({', '.join(by)}) " if by else ""
    return Query(f"{function}{grouping}({query.text})")


def _binary(left: Query, operator: str, right: Query) -> Query:
    return Query(f"{left.operand} {operator} {right.operand}", compound=True)

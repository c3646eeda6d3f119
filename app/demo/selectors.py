"""Label and field selectors, read and applied as the API server does.

Knows nothing of requests or kinds beyond the fields that each kind can be selected by.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.demo.objects import Obj, dig, labels_of
from app.demo.status import StatusError, bad_request

_TOKEN: Final = re.compile(r"\s*(==|!=|=|!|\(|\)|,|>|<|[^\s=!(),<>]+)")
_NAME: Final = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
_FIELD_TERM: Final = re.compile(r"(?<!\\),")

Test = Callable[[Obj], bool]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term of a label selector.

    Attributes:
        key: the label.
        operator: one of in, notin, exists, absent, gt, lt.
        values: what the operator compares with.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether labels meet the term."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value is not None and value in self.values
            case "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "absent":
                return value is None
            case _:
                if value is None or not value.lstrip("-").isdigit():
                    return False
                bound = int(self.values[0])
                return int(value) > bound if self.operator == "gt" else int(value) < bound


def label_requirements(text: str) -> list[Requirement]:
    """Read a label selector in the query's syntax.

    Raises:
        StatusError: 400, with the parser's own words for the common mistakes.
    """
    tokens = _TOKEN.findall(text)
    found: list[Requirement] = []
    position = 0

    def peek(offset: int = 0) -> str:
        return tokens[position + offset] if position + offset < len(tokens) else ""

    while position < len(tokens):
        if peek() == "!":
            if not _is_word(peek(1)):
                raise _unexpected(peek(1), "identifier")
            found.append(Requirement(peek(1), "absent"))
            position += 2
        elif _is_word(peek()):
            requirement, position = _term(tokens, position)
            found.append(requirement)
        else:
            raise bad_request(f"found '{peek()}', expected: !, identifier, or 'end of string'")
        if position < len(tokens):
            if peek() != ",":
                raise _unexpected(peek(), "',' or 'end of string'")
            position += 1
            if position == len(tokens):
                raise _unexpected("", "identifier after ','")
    return found


def _term(tokens: list[str], position: int) -> tuple[Requirement, int]:
    key = tokens[position]
    operator = tokens[position + 1] if position + 1 < len(tokens) else ""
    following = tokens[position + 2] if position + 2 < len(tokens) else ""
    if operator in {"", ","}:
        return Requirement(key, "exists"), position + 1
    if operator in {"=", "==", "!="}:
        value = following if _is_word(following) else ""
        if value and not _NAME.match(value):
            raise bad_request(f'unable to parse requirement: values[0][{key}]: Invalid value: "{value}"')
        name = "notin" if operator == "!=" else "in"
        return Requirement(key, name, (value,)), position + (3 if value else 2)
    if operator in {">", "<"}:
        if not following.lstrip("-").isdigit():
            raise bad_request(f"for 'Gt', 'Lt' operators, the value must be an integer, found '{following}'")
        return Requirement(key, "gt" if operator == ">" else "lt", (following,)), position + 3
    if operator in {"in", "notin"}:
        if following != "(":
            raise _unexpected(following, "'('")
        values: list[str] = []
        index = position + 3
        while index < len(tokens) and tokens[index] != ")":
            if _is_word(tokens[index]):
                values.append(tokens[index])
            elif tokens[index] != ",":
                raise _unexpected(tokens[index], "',', or identifier")
            index += 1
        if index == len(tokens):
            raise _unexpected("", "',' or ')'")
        return Requirement(key, operator, tuple(values)), index + 1
    raise _unexpected(operator, "in, notin, =, ==, !=, gt, lt")


def _is_word(token: str) -> bool:
    return token != "" and token not in {"=", "==", "!=", "!", "(", ")", ",", ">", "<"}


def _unexpected(token: str, expected: str) -> StatusError:
    return bad_request(f"unable to parse requirement: found '{token}', expected: {expected}")


def label_test(text: str) -> Test | None:
    """A test of objects for a label selector; None when it selects everything."""
    requirements = label_requirements(text)
    if not requirements:
        return None
    return lambda obj: all(requirement.matches(labels_of(obj)) for requirement in requirements)


def selector_test(selector: Obj | None) -> Callable[[dict[str, str]], bool]:
    """A test of labels for a `LabelSelector`; null selects nothing and an empty one everything."""
    if selector is None:
        return lambda _: False
    requirements = [Requirement(key, "in", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    names = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    for entry in selector.get("matchExpressions") or ():
        operator = names.get(entry.get("operator", ""), "in")
        requirements.append(Requirement(entry.get("key", ""), operator, tuple(entry.get("values") or ())))
    return lambda labels: all(requirement.matches(labels) for requirement in requirements)


def selector_text(selector: Obj | None) -> str:
    """A `LabelSelector` as one string, as tables show it."""
    if not selector:
        return "<none>"
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for entry in selector.get("matchExpressions") or ():
        values = ",".join(sorted(entry.get("values") or ()))
        match entry.get("operator"):
            case "In":
                terms.append(f"{entry['key']} in ({values})")
            case "NotIn":
                terms.append(f"{entry['key']} notin ({values})")
            case "DoesNotExist":
                terms.append(f"!{entry['key']}")
            case _:
                terms.append(str(entry.get("key")))
    return ",".join(terms) or "<none>"


_COMMON_FIELDS: Final = ("metadata.name", "metadata.namespace")
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "jobs.batch": ("status.successful",),
    "replicasets.apps": ("status.replicas",),
}
_EVENT_VIEW: Final = {"regarding.": "involvedObject.", "reportingController": "reportingComponent"}


def field_test(text: str, key: str) -> Test | None:
    """A test of objects for a field selector.

    Args:
        text: the query's value.
        key: store key of the kind.

    Raises:
        StatusError: 400 for a term that cannot be read or a field that the kind cannot be selected by.
    """
    terms: list[tuple[str, bool, str]] = []
    for raw in _FIELD_TERM.split(text):
        term = raw.strip()
        if not term:
            continue
        match = re.match(r"^([^=!]+)(!=|==|=)(.*)$", term)
        if match is None:
            raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
        path, operator, value = match.groups()
        for view, stored in _EVENT_VIEW.items():
            if key == "events" and path.startswith(view):
                path = stored + path.removeprefix(view)
        if path not in _COMMON_FIELDS and path not in _FIELDS.get(key, ()):
            raise bad_request(f"field label not supported: {path}")
        terms.append((path, operator != "!=", value.replace("\\,", ",")))
    if not terms:
        return None
    return lambda obj: all((_field(obj, path) == value) is equal for path, equal, value in terms)


def _field(obj: Obj, path: str) -> str:
    if path == "source":
        value = dig(obj, "source", "component") or obj.get("reportingComponent", "")
    elif path == "status.successful":
        value = dig(obj, "status", "succeeded", default=0)
    else:
        value = dig(obj, *path.split("."), default="")
    if path in {"spec.unschedulable", "spec.hostNetwork"}:
        value = value or False
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Fields of Kubernetes objects, read without trust: what is missing or of another type is empty, and never a fault."""

from __future__ import annotations

from typing import Any

from app.domain.commands.quantities import quantity

Obj = dict[str, Any]


def dig(value: Any, *path: str) -> Any:
    """What stands below `path`; None where there is nothing."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def mapping(value: Any, *path: str) -> Obj:
    """The mapping below `path`; an empty one where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, dict) else {}


def items(value: Any, *path: str) -> list[Obj]:
    """The mappings in the list below `path`; none where there is no list."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(value: Any, *path: str) -> list[str]:
    """The texts in the list below `path`."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def text(value: Any, *path: str) -> str:
    """The text below `path`; empty where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def number(value: Any, *path: str, default: int = 0) -> int:
    """The whole number below `path`."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def labels(value: Any, *path: str) -> dict[str, str]:
    """The texts of the mapping below `path`."""
    return {str(key): each for key, each in mapping(value, *path).items() if isinstance(each, str)}


def amount(value: Any) -> float:
    """A quantity in its base unit (cores, bytes); 0 for what is none."""
    try:
        return quantity(value) if value is not None else 0.0
    except ValueError:
        return 0.0


def name_of(obj: Any) -> str:
    """An object's name."""
    return text(obj, "metadata", "name")


def namespace_of(obj: Any) -> str:
    """An object's namespace, empty for none."""
    return text(obj, "metadata", "namespace")


def condition(obj: Any, kind: str) -> Obj:
    """An object's condition of a type; empty where it has none."""
    return next((each for each in items(obj, "status", "conditions") if each.get("type") == kind), {})


def containers(pod: Any, *path: str) -> list[tuple[Obj, bool]]:
    """The containers of a pod, or of the template below `path`, each with whether it is one that runs first."""
    spec = mapping(pod, *path, "spec")
    return [
        *((each, True) for each in items(spec, "initContainers")),
        *((each, False) for each in items(spec, "containers")),
    ]


def container_statuses(pod: Any) -> list[tuple[Obj, bool]]:
    """The status of a pod's containers, each with whether it is one that runs first."""
    return [
        *((each, True) for each in items(pod, "status", "initContainerStatuses")),
        *((each, False) for each in items(pod, "status", "containerStatuses")),
    ]


def container_of(pod: Any, name: str) -> Obj:
    """A pod's container by its name; empty where there is none."""
    return next((each for each, _ in containers(pod) if each.get("name") == name), {})


def selects(selector: Any, found: dict[str, str]) -> bool:
    """Whether a LabelSelector, or a Service's plain map, matches labels. An empty one matches everything."""
    if not isinstance(selector, dict):
        return False
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return all(found.get(key) == value for key, value in selector.items())
    return all(found.get(key) == value for key, value in mapping(selector, "matchLabels").items()) and all(
        _expression(each, found) for each in items(selector, "matchExpressions")
    )


def _expression(term: Obj, found: dict[str, str]) -> bool:
    key, values = text(term, "key"), texts(term, "values")
    match term.get("operator"):
        case "In":
            return found.get(key) in values
        case "NotIn":
            return found.get(key) not in values
        case "Exists":
            return key in found
        case "DoesNotExist":
            return key not in found
        case "Gt" | "Lt" as operator:
            there, bound = found.get(key, ""), values[0] if values else ""
            if not (there.isdecimal() and bound.isdecimal()):
                return False
            return int(there) > int(bound) if operator == "Gt" else int(there) < int(bound)
        case _:
            return False

"""Objects as YAML and JSON, redacted, in kubectl's form."""

from __future__ import annotations

from typing import Any, cast

import yaml

from app.domain.commands.jsonpath.values import indented_json
from app.domain.commands.redaction import redact_object

LARGEST_TEXT_BYTES = 2**20  # more than anybody reads in a chat


def as_yaml(value: dict[str, Any]) -> str:
    """YAML with sorted keys, without what is secret and without managedFields."""
    return yaml_text(redact_object(value))


def yaml_text(value: Any) -> str:
    """YAML of a value as it is, quoted as kubectl quotes."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=10_000))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C one where it is built
    """Writes texts that would read as something else in double quotes, and texts of several lines as blocks."""


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    style = None
    if "\n" in value:
        style = "|"
    elif not value or dumper.resolve(yaml.ScalarNode, value, (True, False)) != _TEXT:
        style = '"'
    return cast("yaml.ScalarNode", dumper.represent_scalar(_TEXT, value, style=style))


_TEXT = "tag:yaml.org,2002:str"
_Dumper.add_representer(str, _text)


def as_json(value: dict[str, Any]) -> str:
    """JSON with sorted keys, without what is secret and without managedFields."""
    return indented_json(redact_object(value)) + "\n"


def bounded(text: str, most: int = LARGEST_TEXT_BYTES) -> tuple[str, bool]:
    """A text cut at a line's end, and whether it was cut."""
    content = text.encode()
    if len(content) <= most:
        return text, False
    kept = content[:most].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] or kept, True

"""kubectl explain: what fields a type has, out of the cluster's OpenAPI documents."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.model.cluster import Explain
from app.domain.commands.results import OutputResult, Result
from app.errors import NotFoundError, UnsupportedError
from app.infra.kubernetes.client import path_of
from app.infra.kubernetes.errors import KubernetesNotFoundError

WIDTH = 76  # characters, of kubectl's own descriptions
MOST_LINES = 5_000  # of --recursive: types that hold themselves have no end
DEEPEST = 24
_KINDS = "x-kubernetes-group-version-kind"
Schema = dict[str, Any]


async def explain(access: Access, command: Explain) -> list[Result]:
    """The description of a type, or of one of its fields.

    Raises:
        NotFoundError: there is no such type.
        UnsupportedError: the cluster publishes no such document.
    """
    word, *fields = command.path.split(".")
    resource = await access.type_of(word)
    group, version = resource.group, resource.version
    if command.api_version:
        group, _, version = command.api_version.rpartition("/")
    path = ("openapi", "v3", "apis", group, version) if group else ("openapi", "v3", "api", version)
    try:
        document = await access.json(path_of(*path))
    except KubernetesNotFoundError as error:
        raise UnsupportedError(f"error: the cluster publishes no documentation of {group}/{version}.") from error
    schemas = _Schemas((document.get("components") or {}).get("schemas") or {})
    text, wrong = _text(schemas, resource, group, version, fields, recursive=command.recursive)
    return [OutputResult(command.line(), access.cluster, text, notes=wrong, status=1 if wrong else 0)]


@dataclass(frozen=True, slots=True)
class _Schemas:
    """One document's schemas, and how they refer to each other."""

    known: dict[str, Schema]

    def of_kind(self, group: str, version: str, kind: str) -> Schema:
        wanted = {"group": group, "version": version, "kind": kind}
        for schema in self.known.values():
            if wanted in (schema.get(_KINDS) or ()):
                return schema
        raise NotFoundError(f'error: couldn\'t find resource for "{group}/{version}, Kind={kind}"')

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a field leads to: through references, lists and maps."""
        for _ in range(DEEPEST):
            name = _reference(schema)
            if name:
                schema = self.known.get(name) or {}
            elif schema.get("type") == "array":
                schema = schema.get("items") or {}
            elif isinstance(schema.get("additionalProperties"), dict):
                schema = schema["additionalProperties"]
            else:
                return schema
        return schema


def _reference(schema: Schema) -> str:
    found = schema.get("$ref") or next((part["$ref"] for part in schema.get("allOf") or () if "$ref" in part), "")
    return str(found).rpartition("/")[2]


def _type(schema: Schema) -> str:
    name = _reference(schema)
    if name:
        return name.rpartition(".")[2]
    kind = str(schema.get("type") or "")
    if kind == "array":
        return f"[]{_type(schema.get('items') or {})}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map[string]{_type(schema['additionalProperties'])}"
    if schema.get("x-kubernetes-int-or-string"):
        return "IntOrString"
    return "Object" if kind in {"object", ""} else kind


def _text(
    schemas: _Schemas, resource: ResourceType, group: str, version: str, fields: list[str], *, recursive: bool
) -> tuple[str, str]:
    """What is printed, and what is wrong."""
    out = [f"GROUP:      {group}\n"] if group else []
    out.append(f"KIND:       {resource.kind}\nVERSION:    {version}\n\n")
    schema = schemas.of_kind(group, version, resource.kind)
    described = [str(schema.get("description") or "")]
    if fields:
        for name in fields:
            found = (schemas.resolved(schema).get("properties") or {}).get(name)
            if found is None:
                return "".join(out), f'error: field "{name}" does not exist\n'
            schema = found
        out.append(f"FIELD: {fields[-1]} <{_type(schema)}>\n{_enumerated(schema)}\n\n")
        inner = schemas.resolved(schema)
        described = [
            str(schema.get("description") or ""),
            str(inner.get("description") or "") if inner is not schema else "",
        ]
        schema = inner
    out.append("DESCRIPTION:\n")
    texts = [text for text in described if text] or ["<empty>"]
    out += [f"{_wrapped(text)}\n" for text in texts]
    out.append("    \n")
    if schema.get("properties"):
        out.append("FIELDS:\n")
        lines = _nested(schemas, schema) if recursive else _listed(schema)
        out += [f"{line}\n" for line in lines]
    out.append("\n")
    return "".join(out), ""


def _enumerated(schema: Schema) -> str:
    values = schema.get("enum")
    return "ENUM:\n" + "\n".join(f"    {value}" for value in values) if values else ""


def _wrapped(text: str) -> str:
    lines: list[str] = []
    for part in text.split("\n"):
        lines += textwrap.wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(f"    {line}" for line in lines)


def _listed(schema: Schema) -> Iterator[str]:
    required = schema.get("required") or ()
    for name, field in sorted((schema.get("properties") or {}).items()):
        yield f"  {name}\t<{_type(field)}>{' -required-' if name in required else ''}"
        if field.get("enum"):
            yield f"  enum: {', '.join(str(value) for value in field['enum'])}"
        yield _wrapped(str(field.get("description") or "<no description>"))
        yield ""


def _nested(schemas: _Schemas, schema: Schema) -> Iterator[str]:
    """All fields below, without descriptions; a type inside of itself is named and not entered again."""
    waiting: list[tuple[str, Schema, bool, int, tuple[str, ...]]] = []

    def enter(of: Schema, depth: int, inside: tuple[str, ...]) -> None:
        required = of.get("required") or ()
        fields = sorted((of.get("properties") or {}).items(), reverse=True)
        waiting.extend((name, field, name in required, depth, inside) for name, field in fields)

    enter(schema, 1, ())
    written = 0
    while waiting and written < MOST_LINES:
        name, field, required, depth, inside = waiting.pop()
        written += 1
        indent = "  " * depth
        yield f"{indent}{name}\t<{_type(field)}>{' -required-' if required else ''}"
        if field.get("enum"):
            yield f"{indent}enum: {', '.join(str(value) for value in field['enum'])}"
        kind = _type(field).removeprefix("[]").removeprefix("map[string]")
        if kind not in inside and depth < DEEPEST:
            enter(schemas.resolved(field), depth + 1, (*inside, kind))

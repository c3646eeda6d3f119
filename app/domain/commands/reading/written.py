"""Objects written out by get: YAML, JSON, names, JSONPath, custom columns; each redacted before it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access, gather
from app.domain.commands.jsonpath import values
from app.domain.commands.jsonpath.evaluation import find, json_text, text
from app.domain.commands.jsonpath.nodes import JsonPathError
from app.domain.commands.jsonpath.reading import read, relaxed
from app.domain.commands.model.reads import Get
from app.domain.commands.reading.listing import Wanted, objects
from app.domain.commands.reading.ordering import ordered
from app.domain.commands.reading.rendering import CELLS_CUT, as_json, as_yaml, aside, bounded, clipped_cells
from app.domain.commands.redaction import redact_object, redact_text
from app.domain.commands.results import Column, Language, OutputResult, Result, TableResult
from app.errors import InvalidInputError
from app.infra.kubernetes.errors import KubernetesStatusError

_LANGUAGES: dict[str, Language] = {"yaml": "yaml", "json": "json", "jsonpath-as-json": "json"}


async def written(access: Access, command: Get, wanted: Wanted) -> tuple[list[Result], list[KubernetesStatusError]]:
    """The text, or the table of custom columns; and what the cluster refused."""
    check_template(command)
    whole = command.form != "name" or bool(command.sort_by)
    found = await gather(objects(access, command, resource, names, whole=whole) for resource, names in wanted)
    errors = [error for _, refused in found for error in refused]
    items = [(resource, item) for (resource, _), (got, _) in zip(wanted, found, strict=True) for item in got.items]
    if command.sort_by and len(items) > 1:
        items = ordered(items, command.sort_by, lambda pair: pair[1])
    single = len(wanted) == 1 and len(wanted[0][1]) == 1 and len(items) == 1
    if not items and (errors or (command.ignore_not_found and wanted[0][1])):
        return [], errors
    cut = any(got.cut for got, _ in found)
    if command.form == "custom-columns":
        return [await aside(items, partial(_columns, command, items, cut=cut))], errors
    out, shortened = bounded(await aside(items, partial(_text, command, items, single=single)))
    language = _LANGUAGES.get(command.form, "text")
    notes = (
        f"Only the first {len(items)} objects were looked at; ask for fewer, by namespace or label.\n" if cut else ""
    )
    return [OutputResult(command.line(), access.cluster, out, language, cut or shortened, notes)], errors


def check_template(command: Get) -> None:
    """Refuse a template that cannot be read before the cluster is asked for anything."""
    try:
        if command.form.startswith("jsonpath"):
            read(command.template)
    except JsonPathError as error:
        raise InvalidInputError(
            f"error: error parsing jsonpath {command.template}, {error}", code="invalid_template"
        ) from error
    if command.form == "custom-columns":
        _specification(command.template)


def _text(command: Get, items: Sequence[tuple[ResourceType, dict[str, Any]]], *, single: bool) -> str:
    if command.form == "name":
        return "".join(f"{resource.object_name(str(item['metadata']['name']))}\n" for resource, item in items)
    if single:
        return one_text(command, *items[0])
    whole = {"apiVersion": "v1", "kind": "List", "items": [i for _, i in items], "metadata": {"resourceVersion": ""}}
    return one_text(command, items[0][0] if items else None, whole)


def one_text(command: Get, resource: ResourceType | None, value: dict[str, Any]) -> str:
    """One object, or one list of them, as the command wants it."""
    if command.form == "name" and resource is not None:
        return f"{resource.object_name(str(value['metadata']['name']))}\n"
    if command.form == "yaml":
        return as_yaml(value)
    if command.form == "json":
        return as_json(value)
    write = text if command.form == "jsonpath" else json_text
    try:
        return redact_text(write(read(command.template), redact_object(value)))
    except JsonPathError as error:
        raise InvalidInputError(
            f'error: error executing jsonpath "{command.template}": Error executing template: {error}.',
            code="invalid_template",
        ) from error


def _specification(template: str) -> list[tuple[str, Any]]:
    """Headings and their parsed paths."""
    found = []
    for part in template.split(","):
        heading, colon, path = part.partition(":")
        if not colon:
            raise InvalidInputError(
                f"error: unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>",
                code="invalid_template",
            )
        try:
            found.append((heading, read(relaxed(path))))
        except JsonPathError as error:
            raise InvalidInputError(f"error: {error}", code="invalid_template") from error
    return found


def _columns(command: Get, items: Sequence[tuple[ResourceType, dict[str, Any]]], *, cut: bool) -> TableResult:
    specification = _specification(command.template)
    try:
        rows = [[_cell(path, item) for _, path in specification] for item in (redact_object(i) for _, i in items)]
    except JsonPathError as error:
        raise InvalidInputError(f"error: {error}", code="invalid_template") from error
    rows, are_cut = clipped_cells(rows)
    return TableResult(
        command=command.line(),
        cluster=command.cluster,
        namespace=command.namespace,
        columns=tuple(Column(heading) for heading, _ in specification),
        rows=rows,
        total=len(rows) + cut,
        shown=len(rows),
        headings=not command.no_headers,
        empty_shown=True,
        after=CELLS_CUT if are_cut else "",
    )


def _cell(path: Any, item: dict[str, Any]) -> str:
    found = find(path, item)
    shown = [values.printed(value) for values_found in found for value in values_found]
    return redact_text(",".join(shown)) if found and found[0] else ",".join(["<none>", *shown])

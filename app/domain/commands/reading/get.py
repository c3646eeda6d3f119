"""kubectl get: the API server's own tables, or objects written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import TABLE, Access, Keep, gather
from app.domain.commands.model.reads import Get
from app.domain.commands.reading.listing import PAGE, Rows, Wanted, included, resolve, selection, table
from app.domain.commands.reading.ordering import ordered
from app.domain.commands.reading.pages import BEGUN_AGAIN, MOST_ROWS, Page, no_page
from app.domain.commands.reading.rendering import CELLS_CUT, clipped_cells
from app.domain.commands.reading.written import written
from app.domain.commands.redaction import redact_cells
from app.domain.commands.results import Column, OutputResult, Result, TableResult
from app.infra.kubernetes.errors import KubernetesGoneError, KubernetesStatusError

MOST_CHOSEN_PAGES = 100  # that are looked through for rows to show: 50,000 objects, within a request's time


async def get(access: Access, command: Get) -> list[Result]:
    """The results of kubectl get: one table for each type that has objects, or one text.

    A list that the cluster no longer has as it was, which takes some minutes, begins again, once.

    Raises:
        InvalidInputError: there is no such page.
        KubernetesStatusError: the cluster refused everything that was asked for.
    """
    try:
        return await _get(access, command)
    except KubernetesGoneError:
        if access.reading is not None:
            access.reading.age_s = 0.0
        # Without what is kept: it is a kept first page whose token may have expired.
        begun = None if access.page is None else Page(resource=access.page.resource)
        found = await _get(replace(access, page=begun, reading=None), command)
    return [_begun_again(result) for result in found] if access.page is not None else found


def _begun_again(result: Result) -> Result:
    return replace(result, after=result.after + BEGUN_AGAIN) if isinstance(result, TableResult) else result


async def _get(access: Access, command: Get) -> list[Result]:
    if access.page is not None and command.form not in {"", "wide"}:
        raise no_page()
    wanted = await resolve(access, command.targets)
    if command.form in {"", "wide"}:
        results, errors = await _tables(access, command, wanted)
    else:
        results, errors = await written(access, command, wanted)
    if errors:
        results.append(_refused(command, errors, alone=not results))
    return results


def _refused(command: Get, errors: Sequence[KubernetesStatusError], *, alone: bool) -> OutputResult:
    """What the cluster refused, beside what it gave."""
    text = "\n".join(error.message for error in errors)
    if alone:
        first = errors[0]
        raise type(first)(text, http_status=first.http_status, reason=first.reason, causes=first.causes)
    return OutputResult(command.line(), command.cluster, "", notes=f"{text}\n", status=1)


async def _tables(access: Access, command: Get, wanted: Wanted) -> tuple[list[Result], list[KubernetesStatusError]]:
    several = len(wanted) > 1
    if access.page is not None:
        wanted = _of_page(access.page, wanted)
    found = await gather(_one(access, command, resource, names, several=several) for resource, names in wanted)
    errors = [error for _, refused in found for error in refused]
    tables = [rows for rows, _ in found if rows is not None]
    with_kind = command.show_kind or len(tables) > 1 or (several and access.page is not None)
    results: list[Result] = []
    for rows, (_, names) in zip((rows for rows, _ in found), wanted, strict=True):
        if isinstance(rows, TableResult):
            results.append(rows)
        elif rows is not None and rows.rows:
            results.append(_page_of(access, command, rows, with_kind=with_kind, paged=not names, several=several))
    if not results and not errors and not command.ignore_not_found:
        inside = all(resource.namespaced for resource, _ in wanted) and command.namespace
        text = f"No resources found in {command.namespace} namespace." if inside else "No resources found"
        results.append(await access.nothing_found(command, text))
    return results, errors


def _of_page(page: Page, wanted: Wanted) -> Wanted:
    """The type that a page is of; InvalidInputError where it is none of those that the command lists."""
    if not page.resource and len(wanted) > 1:
        raise no_page()
    found = [(each, names) for each, names in wanted if page.resource in {"", each.qualified} and not names]
    if not found:
        raise no_page()
    return found


def _page_of(access: Access, command: Get, found: Rows, *, with_kind: bool, paged: bool, several: bool) -> TableResult:
    """What is shown of the rows that were read, and what asks for the next page where the list has one."""
    begun, resource = access.page or Page(), found.resource.qualified if several else ""
    if begun.following or (found.following and not command.sort_by):
        whole = table_result(command, found, with_kind=with_kind)
        rows = whole.rows[begun.skipped :]
        following = Page(begun.first + len(rows), whole.total, found.following, 0, resource)
        more = paged and bool(found.following)
    else:
        end, there = begun.first + MOST_ROWS, len(found.rows)
        if access.keep is not None and command.sort_by:  # before it is cut
            whole = access.keep(table_result(command, found, with_kind=with_kind, most=None))
            there = len(whole.rows)
        else:
            whole = table_result(command, found, with_kind=with_kind, most=end)
        rows = whole.rows[begun.first : end]
        following, more = Page(end, whole.total, "", end, resource), paged and end < there
    return replace(whole, rows=rows, shown=len(rows), first=begun.first, next=following.text() if more else "")


async def _chosen(
    access: Access, command: Get, resource: ResourceType, keep: Keep, *, several: bool
) -> TableResult | None:
    """The rows that are kept of all that there are, page by page; None where the cluster has none at all.

    So that what is asked for is not beyond the rows that one table shows; no more than these are held at a time. All
    are counted with the first page; a later one ends where its table is full.
    """
    query = [*selection(command), ("limit", str(PAGE)), ("includeObject", included(command))]
    columns: tuple[Column, ...] = ()
    shown: list[list[str]] = []
    shape: TableResult | None = None
    begun = access.page or Page()
    following, skipped, fitting, looked_at, left = begun.following, begun.skipped, begun.first, 0, 0
    after: Page | None = None
    for _ in range(MOST_CHOSEN_PAGES):
        at = following
        page = [*query, ("continue", at)] if at else query
        answer = await access.json(resource.path(command.namespace), page, TABLE)
        rows = Rows(resource, columns)
        rows.add(answer)
        columns = rows.columns
        shape = table_result(command, rows, with_kind=command.show_kind or several, most=None)
        of_this = keep(shape).rows
        kept = of_this[skipped:]
        room = MOST_ROWS - len(shown)
        if after is None and len(kept) > room:
            of = resource.qualified if several else ""
            after = Page(begun.first + MOST_ROWS, 0, at, skipped + room, of)
        fitting, looked_at = fitting + len(kept), looked_at + len(rows.rows)
        skipped = max(0, skipped - len(of_this))
        shown += kept[:room]
        metadata = answer.get("metadata") or {}
        following, left = str(metadata.get("continue") or ""), int(metadata.get("remainingItemCount") or 0)
        if not following or (after is not None and access.page is not None):
            break
    if shape is None or not looked_at:
        return None
    total = max(begun.total, fitting)
    beyond = f"Only the first {looked_at} of {looked_at + left} were looked at.\n"
    return replace(
        shape,
        rows=shown,
        total=total,
        shown=len(shown),
        after=shape.after + (beyond if following and access.page is None else ""),
        first=begun.first,
        next="" if after is None else replace(after, total=total).text(),
    )


async def _one(
    access: Access, command: Get, resource: ResourceType, names: Sequence[str], *, several: bool
) -> tuple[Rows | TableResult | None, list[KubernetesStatusError]]:
    """One type's rows, or its table where they were chosen; a refusal of one type among several hides no other."""
    try:
        if access.keep is not None and not names and not command.sort_by:
            chosen = await _chosen(access, command, resource, access.keep, several=several)
            if chosen is not None:
                return chosen, []
        rows, errors = await table(access, command, resource, names)
    except KubernetesStatusError as error:
        if not several or isinstance(error, KubernetesGoneError):
            raise
        return None, [error]
    return rows if rows.rows or not errors else None, errors


def table_result(command: Get, found: Rows, *, with_kind: bool, most: int | None = MOST_ROWS) -> TableResult:
    """A table as the command wants it: order, columns, labels; at most so many rows, None for all."""
    rows = found.rows
    if command.sort_by:
        rows = ordered(rows, command.sort_by, lambda row: row[1])
    total = max(found.total, len(rows))
    rows = rows[:most]
    columns = list(found.columns)
    cells = _texts([row for row, _ in rows])
    if command.form == "wide":
        columns = [replace(column, priority=0) for column in columns]
    if with_kind:
        cells = [[found.resource.object_name(row[0]), *row[1:]] for row in cells]
    if command.all_namespaces and found.resource.namespaced:
        columns.insert(0, Column("NAMESPACE"))
        spaces = [str((item.get("metadata") or {}).get("namespace") or "") for _, item in rows]
        cells = [[space, *row] for space, row in zip(spaces, cells, strict=True)]
    if command.label_columns or command.show_labels:
        columns += [Column(key.rpartition("/")[2].upper()) for key in command.label_columns]
        columns += [Column("LABELS")] if command.show_labels else []
        cells = [[*row, *_labels(command, item)] for row, (_, item) in zip(cells, rows, strict=True)]
    cells, are_cut = clipped_cells(redact_cells(cells))
    return TableResult(
        command=command.line(),
        cluster=command.cluster,
        namespace=command.namespace,
        columns=tuple(columns),
        rows=cells,
        total=total,
        shown=len(cells),
        headings=not command.no_headers,
        after=CELLS_CUT if are_cut else "",
        resource=found.resource.qualified,
    )


def _texts(rows: list[list[Any]]) -> list[list[str]]:
    """Cells as texts, which most tables hold already: the API server writes ages and counts as kubectl prints them."""
    try:
        "".join(map("".join, rows))  # the quickest way to ask whether all are texts
    except TypeError:
        return [[_cell(value) for value in row] for row in rows]
    return rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _labels(command: Get, item: dict[str, Any]) -> list[str]:
    labels = (item.get("metadata") or {}).get("labels") or {}
    found = [str(labels.get(key, "")) for key in command.label_columns]
    if command.show_labels:
        found.append(",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "<none>")
    return found

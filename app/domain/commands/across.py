"""One command on several clusters: which commands belong together, and one answer made of all of theirs.

Pure functions of commands and results; nothing here asks a cluster. No answer and no failure is dropped: what a cluster
said stands under its name, and who said nothing is named with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from app.domain.commands.jsonpath.values import indented_json
from app.domain.commands.model.cluster import CurrentContext, GetContexts, SetContext, UseContext, ViewConfig
from app.domain.commands.model.command import Command
from app.domain.commands.model.drain import Drain
from app.domain.commands.model.reads import Get
from app.domain.commands.model.streaming import streams
from app.domain.commands.reading.pages import Page, PageOfMany
from app.domain.commands.results import Column, Language, OutputResult, Result, TableResult
from app.errors import KubeChatError, UnsupportedError

CLUSTER = Column("CLUSTER")
ANNOTATION = "kubechat.io/cluster"
"""On the objects of a list in JSON that several clusters gave."""
MOST_ROWS = 2_000  # in one table: twenty of each of a hundred clusters, which a browser still shows at once
MOST_NAMED = 5  # clusters in a sentence that says nothing bad of them
ABSENT = "<none>"
"""In the place of a cell whose column a cluster's table has not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one cluster said.

    Attributes:
        cluster: its name.
        results: what it gave.
        error: why it gave nothing; None where it answered.
        reason: the same in a few words, behind its name; empty where it answered.
    """

    cluster: str
    results: tuple[Result, ...] = ()
    error: KubeChatError | None = None
    reason: str = ""

    @property
    def is_away(self) -> bool:
        """Whether it said nothing at all; a refusal is an answer."""
        return self.error is not None and self.error.status >= 500


def refuse_many(command: Command) -> None:
    """UnsupportedError for a command that makes sense on one cluster only."""
    if streams(command):
        raise UnsupportedError("What goes on runs on one cluster at a time; name it with --context.")
    if isinstance(command, Drain):
        raise UnsupportedError("A node is of one cluster; name it with --context.")
    if isinstance(command, (GetContexts, CurrentContext, ViewConfig, UseContext, SetContext)):
        raise UnsupportedError("kubectl config is about the conversation, not about clusters; leave the flag out.")


def grouped(commands: Iterable[Command]) -> list[tuple[Command, ...]]:
    """Commands that differ in their cluster alone, together, where the first of them stood."""
    groups: list[tuple[Command, dict[str, Command]]] = []
    for command in commands:
        alike = replace(command, cluster="", home="")
        found = next((of for key, of in groups if key == alike and not streams(command)), None)
        if found is None:
            groups.append((alike, {command.cluster: command}))
        else:
            found.setdefault(command.cluster, command)
    return [tuple(of.values()) for _, of in groups]


def lines_of(commands: Iterable[Command], every: Collection[str]) -> list[str]:
    """The lines that commands mean, one for each group.

    Args:
        commands: in their order.
        every: all clusters that there are.
    """
    return [group[0].line() if len(group) == 1 else line_of(group, every) for group in grouped(commands)]


def line_of(group: Sequence[Command], every: Collection[str]) -> str:
    """The one line of commands that differ in their cluster alone."""
    names = [command.cluster for command in group]
    return group[0].line_on(names, every=set(names) >= set(every))


def together(command: Command, line: str, answers: Sequence[Answer], begun: PageOfMany | None = None) -> list[Result]:
    """One answer of several clusters: tables as one, texts under their clusters' names, and who is missing.

    Args:
        command: on one of them.
        line: the command, with all its clusters.
        answers: of the clusters, in the order in which they are shown; at least one of them holds no error.
        begun: the page that was asked for, where the answers are of one.
    """
    where = _names([answer.cluster for answer in answers])
    results: list[Result] = []
    for tables in _tables(answers).values():
        shares = _shares([len(table.rows) for _, table in tables], MOST_ROWS)
        whole = _one_table(line, where, command.namespace, tables, shares)
        may_go_on = isinstance(command, Get) and not any(target.name for target in command.targets) and whole.resource
        results.append(_paged(whole, tables, shares, answers, begun) if may_go_on else whole)
    texts = [(a.cluster, r) for a in answers for r in a.results if isinstance(r, OutputResult)]
    results += _texts(line, where, [(name, text) for name, text in texts if text.text])
    # What is neither, such as a diagnosis, says itself which cluster it is of.
    results += [r for a in answers for r in a.results if not isinstance(r, (TableResult, OutputResult))]
    notes = _notes(len(answers), [(name, text.notes) for name, text in texts if text.notes])
    missing = missing_clusters(answers)
    status = max([1 if missing else 0, *(text.status for _, text in texts)])
    if notes or missing or status:
        results.append(OutputResult(line, where, "", notes=notes + missing, status=status))
    return results


def missing_clusters(answers: Sequence[Answer]) -> str:
    """The lines that say which clusters did not answer or refused, and why; empty when all gave what was asked."""
    away = [answer for answer in answers if answer.is_away]
    lines = []
    if away:
        reasons = "; ".join(f"{answer.cluster}: {answer.reason}" for answer in away)
        lines.append(f"{len(answers) - len(away)} of {len(answers)} clusters answered; {reasons}")
    refused: dict[str, list[str]] = {}
    for answer in answers:
        if answer.error is not None and not answer.is_away:
            refused.setdefault(answer.reason, []).append(answer.cluster)
    lines += [f"{', '.join(names)}: {reason}" for reason, names in refused.items()]
    return "".join(f"{line}\n" for line in lines)


def _names(clusters: Sequence[str]) -> str:
    return ", ".join(clusters) if len(clusters) <= MOST_NAMED else f"{len(clusters)} clusters"


def _tables(answers: Sequence[Answer]) -> dict[str, list[tuple[str, TableResult]]]:
    """Tables of one resource type, or of one place among a cluster's tables, with their clusters."""
    found: dict[str, list[tuple[str, TableResult]]] = {}
    for answer in answers:
        tables = [result for result in answer.results if isinstance(result, TableResult)]
        for place, table in enumerate(tables):
            found.setdefault(table.resource or str(place), []).append((answer.cluster, table))
    return found


def _one_table(
    line: str, where: str, namespace: str, tables: Sequence[tuple[str, TableResult]], shares: Sequence[int]
) -> TableResult:
    """The rows of all, below the columns of all: a column that one cluster lacks is absent in its rows."""
    columns: dict[str, Column] = {}
    for _, table in tables:
        for column in table.columns:
            known = columns.get(column.name)
            # Shown where any cluster shows it.
            if known is None or column.priority < known.priority:
                columns[column.name] = column
    rows: list[list[str]] = []
    for (cluster, table), share in zip(tables, shares, strict=True):
        own = [column.name for column in table.columns]
        if own == list(columns):
            rows += [[cluster, *row] for row in table.rows[:share]]
            continue
        at = [own.index(name) if name in own else -1 for name in columns]
        rows += [[cluster, *(row[i] if i >= 0 else ABSENT for i in at)] for row in table.rows[:share]]
    first = tables[0][1]
    return replace(
        first,
        command=line,
        cluster=where,
        namespace=namespace,
        columns=(CLUSTER, *columns.values()),
        rows=rows,
        total=sum(max(table.total, len(table.rows)) for _, table in tables),
        shown=len(rows),
        after=_notes(len(tables), [(cluster, table.after) for cluster, table in tables if table.after]),
        age_s=max(table.age_s for _, table in tables),
        first=0,
        next="",
    )


def _paged(
    whole: TableResult,
    tables: Sequence[tuple[str, TableResult]],
    shares: Sequence[int],
    answers: Sequence[Answer],
    begun: PageOfMany | None,
) -> TableResult:
    """The table of all with what asks for its next page: where it goes on on each cluster that has rows left.

    A cluster that gave nothing this time is asked again for the same rows with the next page.
    """
    ended, of_before = (begun.ended, begun.pages) if begun is not None else (0, {})
    left = {answer.cluster: of_before[answer.cluster] for answer in answers if answer.error and begun is not None}
    total = ended + sum(Page.read(page).total for page in left.values())
    for (cluster, table), share in zip(tables, shares, strict=True):
        there = max(table.total, table.first + len(table.rows))
        total += there
        if share == len(table.rows):
            page = table.next
        else:
            # A list that began again is no longer where it was asked for.
            from_here = Page.read(of_before[cluster]) if table.first else Page(resource=table.resource)
            page = from_here.beyond(share, there).text()
        if page:
            left[cluster] = page
        else:
            ended += there
    first = begun.first if begun is not None else 0
    following = PageOfMany(first + whole.shown, ended, left).text() if left else ""
    return replace(whole, total=total, first=first, next=following)


def _shares(wanted: Sequence[int], most: int) -> list[int]:
    """How many rows each gets of `most`: all that it wants where that fits, no more than others where it does not."""
    shares = list(wanted)
    if sum(wanted) <= most:
        return shares
    left = most
    for number, index in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        shares[index] = min(wanted[index], left // (len(wanted) - number))
        left -= shares[index]
    return shares


def _texts(line: str, where: str, texts: Sequence[tuple[str, OutputResult]]) -> list[Result]:
    """Texts of one language as one: a list where they are JSON, else each under its cluster's name."""
    found: list[Result] = []
    for language in dict.fromkeys(text.language for _, text in texts):
        same = [(name, text) for name, text in texts if text.language == language]
        cut = any(text.truncated for _, text in same)
        found.append(OutputResult(line, where, _written(language, same), language, truncated=cut))
    return found


def _written(language: Language, texts: Sequence[tuple[str, OutputResult]]) -> str:
    if language == "json":
        listed = _one_list(texts)
        if listed:
            return listed
    if language == "yaml":
        return "---\n".join(f"# cluster: {name}\n{_ended(text.text)}" for name, text in texts)
    return "\n".join(f"==> {name} <==\n{_ended(text.text)}" for name, text in texts)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _one_list(texts: Sequence[tuple[str, OutputResult]]) -> str:
    """The objects of all clusters as one List, each annotated with its cluster; empty where one text is no object."""
    items: list[Any] = []
    for name, text in texts:
        try:
            body = orjson.loads(text.text)
        except orjson.JSONDecodeError:
            return ""  # it was cut
        found = body.get("items") if isinstance(body, dict) and body.get("kind") == "List" else [body]
        for item in found or ():
            if not isinstance(item, dict) or not isinstance(item.get("metadata"), dict):
                return ""
            item["metadata"].setdefault("annotations", {})[ANNOTATION] = name
            items.append(item)
    whole = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
    return indented_json(whole) + "\n"


def _notes(number: int, notes: Sequence[tuple[str, str]]) -> str:
    """What clusters noted: said once where all of them did, else behind the names of those that did."""
    by_note: dict[str, list[str]] = {}
    for name, note in notes:
        by_note.setdefault(note.rstrip("\n"), []).append(name)
    lines = [note if len(names) == number else f"{_names(names)}: {note}" for note, names in by_note.items()]
    return "".join(f"{line}\n" for line in lines)

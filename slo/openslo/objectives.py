"""From the SLOs of a file to objectives: one for each of an SLO's objectives, with an id of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slo.indicator import CountersIndicator
from slo.objective import Objective
from slo.openslo import annotations as names
from slo.openslo.annotations import Annotations
from slo.openslo.document import SLI, tell_metadata
from slo.openslo.faults import quoted
from slo.openslo.measuring import METHODS, OCCURRENCES, indicator_of, read_bounds
from slo.openslo.naming import LONGEST_NAME, Names, slug, words
from slo.openslo.periods import Period, read_period
from slo.openslo.sli import Comparing, Counting, read_sli
from slo.openslo.sources import Left
from slo.openslo.tiers import read_tiers, standard_tiers
from slo.promql import number, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slo.objective import Tier
    from slo.openslo.document import Document
    from slo.openslo.fields import Fields
    from slo.openslo.policies import Policies
    from slo.openslo.sli import Sli
    from slo.prometheus import Pace

_FIELD: Final = "objectives"
_INDICATOR: Final = "indicator"
_INDICATOR_REF: Final = "indicatorRef"
_NO_SERIES: Final = select("unknown")
# Stands for an indicator with faults, so that those of the rest of its objective are found as well.
_UNKNOWN: Final = CountersIndicator(total=(_NO_SERIES,), presence=_NO_SERIES, bad=(_NO_SERIES,))
_OPENS_TEMPLATE = re.compile(r"\{(?=\{)")


@dataclass(frozen=True, slots=True)
class Draft:
    """An objective that is not yet known to work.

    Attributes:
        objective: the objective.
        wanted: the id that its name asks for, as it is written.
        metadata: of its SLO.
        spec: of its SLO.
        fields: its own.
        whole: whether all of it was read; what is missing has been told.
    """

    objective: Objective
    wanted: str
    metadata: Fields
    spec: Fields
    fields: Fields
    whole: bool


@dataclass(frozen=True, slots=True)
class _Promise:
    """What an SLO says of all its objectives."""

    document: Document
    spec: Fields
    annotations: Annotations
    service: str | None
    method: str | None
    period: Period | None
    sli: Sli | None
    tiers: tuple[Tier, ...] | None
    composite: bool


@dataclass(frozen=True, slots=True)
class Slos:
    """Reads SLOs.

    Attributes:
        slis: what the file's SLIs measure, by name; None for one with faults.
        types: the types of the file's data sources, by name.
        policies: the file's alert policies.
        used: kind and name of what SLOs refer to; filled while they are read.
        pace: of the Prometheus that will run the rules.
    """

    slis: Mapping[str, Sli | None]
    types: Mapping[str, str]
    policies: Policies
    used: set[tuple[str, str]]
    pace: Pace

    def read(self, documents: Iterable[Document]) -> tuple[Draft, ...]:
        """The objectives of these SLOs; what is wrong with them is told."""
        return _with_ids([draft for document in documents for draft in self._drafts(document)])

    def _drafts(self, document: Document) -> list[Draft]:
        spec = document.spec
        if spec is None:
            return []
        entries = spec.items(_FIELD, required=True)
        composite = any(entry.has(_INDICATOR) or entry.has(_INDICATOR_REF) for entry in entries)
        promise = self._promise(document, spec, composite=composite)
        drafts = [self._draft(promise, entry, alone=len(entries) == 1) for entry in entries]
        return [draft for draft in drafts if draft is not None]

    def _promise(self, document: Document, spec: Fields, *, composite: bool) -> _Promise:
        annotations = Annotations(document.metadata, names.OF_SLO)
        spec.leave("alerts show the displayName alone", "description")
        service = spec.text("service", required=True)
        method = spec.text("budgetingMethod", required=True, one_of=METHODS)
        period = read_period(spec, annotations)
        has_one = spec.has(_INDICATOR) or spec.has(_INDICATOR_REF)
        if composite and has_one:
            spec.fault(_FIELD, "the indicator stands at the SLO or at each of its objectives, and not at both")
        elif not composite and not has_one:
            spec.fault("", f"either {_INDICATOR} or {_INDICATOR_REF} is required")
        sli = self._sli(spec)
        period_s = (period or Period()).seconds
        tiers = read_tiers(spec, annotations, self.policies, period_s, self.pace)
        return _Promise(document, spec, annotations, service, method, period, sli, tiers, composite)

    def _sli(self, fields: Fields) -> Sli | None:
        """The SLI that an SLO or an objective names or holds; None when there is none to go on with."""
        if fields.has(_INDICATOR) and fields.has(_INDICATOR_REF):
            fields.fault(_INDICATOR_REF, f"{_INDICATOR} and {_INDICATOR_REF} are both there, and one is possible")
            return None
        if fields.has(_INDICATOR):
            return self._held(fields.fields(_INDICATOR))
        name = fields.text(_INDICATOR_REF, required=fields.has(_INDICATOR_REF))
        if name is None:
            return None
        if name not in self.slis:
            fields.fault(_INDICATOR_REF, f"there is no SLI {quoted(name)} in this file")
        self.used.add((SLI, name))
        return self.slis.get(name)

    def _held(self, indicator: Fields | None) -> Sli | None:
        if indicator is None:
            return None
        metadata = indicator.fields("metadata")
        if metadata is not None:
            tell_metadata(metadata)
        return read_sli(metadata, indicator.fields("spec", required=True), self.types)

    def _draft(self, promise: _Promise, entry: Fields, *, alone: bool) -> Draft | None:
        target, bounds = _target(entry), read_bounds(entry, promise.method or OCCURRENCES)
        sli = self._sli(entry) if promise.composite else promise.sli
        if promise.composite and not entry.has(_INDICATOR) and not entry.has(_INDICATOR_REF):
            entry.fault("", "the other objectives have an indicator of their own, and this one has none")
        entry.leave("each objective is watched by itself, whatever its weight", "compositeWeight")
        shown_as = entry.text("displayName")
        indicator = None if sli is None or bounds is None else indicator_of(sli, bounds, self.pace)
        if isinstance(indicator, Left):
            entry.loss("", f"it is left out: {indicator.reason}")
            return None
        if target is None or promise.period is None:
            return None
        annotations = promise.annotations
        grouping = _grouping(annotations, sli, entry)
        grouped = annotations.flag(names.PRESENCE_GROUPED)
        own_presence = isinstance(sli, (Counting, Comparing)) and sli.own_presence
        wanted = _wanted(promise, shown_as, entry, alone=alone)
        objective = Objective(
            id=slug(wanted),
            service=_plain(annotations.text(names.SERVICE) or promise.service or "", promise.spec, "service"),
            title=_plain(_title(promise, shown_as), promise.document.metadata, "displayName"),
            target=target,
            indicator=indicator or _UNKNOWN,
            minimum_bad_events=annotations.count(names.MINIMUM_BAD_EVENTS) or 1,
            minimum_events=annotations.count(names.MINIMUM_EVENTS) or 1,
            period_s=promise.period.seconds,
            tiers=promise.tiers or (),
            grouping=grouping,
            # Where nobody says otherwise the counted series themselves show that there is something to count.
            presence_grouped=bool(grouping) and not own_presence if grouped is None else grouped,
            calendar_month=promise.period.calendar_month,
            excludes_maintenance=annotations.flag(names.EXCLUDES_MAINTENANCE) or False,
        )
        if promise.tiers is None:
            objective = self._with_standard_tiers(objective, promise.spec, entry)
        whole = indicator is not None and promise.service is not None and promise.method is not None
        return Draft(objective, wanted, promise.document.metadata, promise.spec, entry, whole)

    def _with_standard_tiers(self, objective: Objective, spec: Fields, entry: Fields) -> Objective:
        tiers, left = standard_tiers(objective, self.pace)
        spec.loss("alertPolicies", "there is none to go by, and the standard tiers of burn rates are taken")
        for sentence in left:
            entry.loss("", sentence)
        return replace(objective, tiers=tiers)


def _with_ids(drafts: list[Draft]) -> tuple[Draft, ...]:
    """The drafts with ids that are unique; those whose names are ids already come first to theirs."""
    given = Names()
    ids: dict[int, str] = {}
    for exact in (True, False):
        for place, draft in enumerate(drafts):
            if (draft.objective.id == draft.wanted) is exact:
                ids[place] = given.give(draft.objective.id)
    for place, draft in enumerate(drafts):
        if ids[place] != draft.wanted:
            draft.metadata.loss("name", f"in labels it is written as {ids[place]}")
    return tuple(
        replace(draft, objective=replace(draft.objective, id=ids[place])) for place, draft in enumerate(drafts)
    )


def _wanted(promise: _Promise, shown_as: str | None, entry: Fields, *, alone: bool) -> str:
    annotated = promise.annotations.text(names.ID)
    if alone:
        return annotated or promise.document.name
    if annotated is not None:
        promise.annotations.fault(names.ID, "several objectives cannot have one id")
    number_in_list = entry.path.rsplit("[", 1)[-1].rstrip("]")
    suffix = words(shown_as or "")[:LONGEST_NAME].strip("-") or str(int(number_in_list) + 1)
    return f"{promise.document.name}-{suffix}"


def _title(promise: _Promise, shown_as: str | None) -> str:
    annotated = promise.annotations.text(names.TITLE)
    title = promise.document.metadata.text("displayName") or promise.document.name if annotated is None else annotated
    return title if shown_as is None else f"{title}: {shown_as}"


def _plain(text: str, fields: Fields, name: str) -> str:
    """The text without what Prometheus would take for a template, and refuse the whole file for."""
    plain = _OPENS_TEMPLATE.sub("{ ", text)
    if plain != text:
        fields.loss(name, "the brackets {{ are moved apart: Prometheus would take them for a template")
    return plain


def _target(entry: Fields) -> float | None:
    """The share of good events; None when there is a fault, which has been told."""
    share, percent = entry.number("target"), entry.number("targetPercent")
    there = [name for name in ("target", "targetPercent") if entry.has(name)]
    if len(there) != 1:
        problem = "both are there, and one is possible" if there else "one of the two is required"
        entry.fault("", f"target and targetPercent: {problem}")
        return None
    if share is None and percent is None:
        return None
    target = share if share is not None else round((percent or 0.0) / 100, 12)
    if target == 1:
        entry.fault(there[0], "a target of 100 % leaves no budget: every failure would exceed it infinitely fast")
    elif target == 0:
        entry.fault(there[0], "a target of 0 promises nothing: all events may fail")
    elif not 0 < target < 1:
        entry.fault(there[0], f"a target of {number(target)} is not a share between 0 and 1")
    return target if 0 < target < 1 else None


def _grouping(annotations: Annotations, sli: Sli | None, entry: Fields) -> tuple[str, ...]:
    asked = sli.by if isinstance(sli, (Counting, Comparing)) else ()
    annotated = annotations.words(names.GROUPING)
    if annotated is None:
        return asked
    if asked and annotated != asked:
        entry.fault("", f"its queries are kept apart by {', '.join(asked)}, and {names.GROUPING} says otherwise")
    return annotated

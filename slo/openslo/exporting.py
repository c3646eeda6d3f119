"""From objectives to OpenSLO v1, so that any tool that reads it knows what is promised here.

What OpenSLO has no word for goes into annotations: a file that is exported and read again gives the same objectives. A
tier has two windows and a policy one, so each tier is two policies, shared by all objectives of the same period. The
documents are plain data; nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from slo.indicator import CountersIndicator, LatencyIndicator, RatioIndicator
from slo.openslo import annotations as names
from slo.openslo import document as kinds
from slo.openslo.annotations import as_json, flag, without_nothing
from slo.openslo.counting import counters_in
from slo.openslo.faults import Finding, OpenSLOError
from slo.openslo.measuring import OCCURRENCES
from slo.openslo.naming import LONGEST_NAME, Names, name_of
from slo.openslo.policies import ALERTMANAGER, BURN_RATE
from slo.openslo.ratios import BAD, GOOD, TOTAL
from slo.openslo.shorthand import shorthand
from slo.openslo.sources import PROMETHEUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slo.indicator import Indicator
    from slo.objective import Objective, Tier
    from slo.promql import Selector

_SOURCE_NAME: Final = PROMETHEUS.lower()
_ANY_WINDOW_S: Final = 60.0  # to see which counters an indicator counts, any will do
_AT_ONCE: Final = "0m"


@dataclass(frozen=True, slots=True)
class _Counted:
    """An indicator as a ratio of sums.

    Attributes:
        total: the counters of all events.
        part: GOOD or BAD.
        counters: the counters of that part.
        annotations: what else the indicator says.
    """

    total: tuple[Selector, ...]
    part: str
    counters: tuple[Selector, ...]
    annotations: Mapping[str, str | None]


def documents(objectives: Iterable[Objective]) -> tuple[dict[str, Any], ...]:
    """The objectives as documents of OpenSLO v1; OpenSLOError for one whose indicator has no place in it."""
    wanted = tuple(objectives)
    services = tuple(dict.fromkeys(name_of(objective.service) for objective in wanted))
    policies = _Policies()
    promises = [each for objective in wanted for each in _promise(objective, policies)]
    return (
        _document(kinds.DATA_SOURCE, _SOURCE_NAME, {"type": PROMETHEUS, "connectionDetails": {}}),
        _document(kinds.ALERT_NOTIFICATION_TARGET, ALERTMANAGER, {"target": ALERTMANAGER}),
        *(_document(kinds.SERVICE, service, {}) for service in services),
        *policies.documents,
        *promises,
    )


def _promise(objective: Objective, policies: _Policies) -> tuple[dict[str, Any], dict[str, Any]]:
    """The SLI and the SLO of an objective."""
    name = policies.promises.give(name_of(objective.id))
    counted = _counted(objective)
    return _sli(name, objective, counted), _slo(name, objective, policies)


def _slo(name: str, objective: Objective, policies: _Policies) -> dict[str, Any]:
    title, period = objective.title, shorthand(objective.period_s)
    service = name_of(objective.service)
    fits = title.strip() and len(title) <= LONGEST_NAME
    annotations = {
        names.ID: objective.id if name != objective.id else None,
        names.TITLE: None if fits else title,
        names.SERVICE: objective.service if service != objective.service else None,
        names.MINIMUM_BAD_EVENTS: str(objective.minimum_bad_events),
        names.MINIMUM_EVENTS: str(objective.minimum_events),
        names.PERIOD_SECONDS: _seconds(objective.period_s),
        names.GROUPING: ",".join(objective.grouping) if objective.grouping else None,
        names.PRESENCE_GROUPED: flag(objective.presence_grouped),
        names.CALENDAR_MONTH: flag(objective.calendar_month),
        names.EXCLUDES_MAINTENANCE: flag(objective.excludes_maintenance),
        names.TIERS: None if objective.tiers else names.NO_TIERS,
    }
    spec = {
        "service": service,
        "indicatorRef": name,
        "timeWindow": [{"duration": period, "isRolling": True}],
        "budgetingMethod": OCCURRENCES,
        "objectives": [{"target": objective.target}],
        "alertPolicies": [
            {"alertPolicyRef": policy} for tier in objective.tiers for policy in policies.of(tier, objective.period_s)
        ],
    }
    if not objective.tiers:
        del spec["alertPolicies"]
    return _document(kinds.SLO, name, spec, annotations, title if fits else "")


def _sli(name: str, objective: Objective, counted: _Counted) -> dict[str, Any]:
    presence = objective.indicator.presence
    examples = {TOTAL: counted.total, counted.part: counted.counters, "presence": (presence,)}
    annotations = {
        **counted.annotations,
        names.PRESENCE: presence.text,
        names.EXAMPLES: _examples(examples),
    }
    ratio = {
        "counter": True,
        TOTAL: _metric(counted.total, objective.grouping),
        counted.part: _metric(counted.counters, objective.grouping),
    }
    return _document(kinds.SLI, name, {"ratioMetric": ratio}, annotations)


def _counted(objective: Objective) -> _Counted:
    indicator = objective.indicator
    if isinstance(indicator, RatioIndicator):
        annotations = {
            names.INDICATOR: names.RATIO,
            names.BAD_LABELS: ",".join(indicator.bad),
            names.GOOD_EXAMPLE: _labels(indicator.good_example),
        }
        return _Counted((indicator.total,), BAD, (indicator.total.narrowed(**indicator.bad),), annotations)
    if isinstance(indicator, CountersIndicator):
        part = BAD if indicator.bad else GOOD
        annotations = {
            names.INDICATOR: names.COUNTERS,
            names.GOOD_EXAMPLE: _labels(indicator.good_example),
        }
        return _Counted(indicator.total, part, indicator.bad or indicator.good, annotations)
    if isinstance(indicator, LatencyIndicator):
        return _latency(indicator)
    raise OpenSLOError("the catalogue", (Finding(None, objective.id, _no_word_for(indicator)),))


def _no_word_for(indicator: Indicator) -> str:
    return f"events of a {type(indicator).__name__} cannot be written as a ratio of counters"


def _latency(indicator: LatencyIndicator) -> _Counted:
    found = counters_in(indicator.bad_events(_ANY_WINDOW_S, ()))
    half = len(found) // 2  # all observations first, and then those within the threshold
    histograms = (indicator.histogram, *indicator.more)
    # What is read back from a query has lost the examples; those of all observations are the histograms'.
    total = tuple(type(each)(count.name, each.where) for count, each in zip(found[:half], histograms, strict=True))
    annotations = {
        names.INDICATOR: names.LATENCY,
        names.THRESHOLD_SECONDS: _number(indicator.threshold_s),
        names.BUCKETS: as_json(list(indicator.buckets)),
    }
    return _Counted(total, GOOD, found[half:], annotations)


@dataclass(slots=True)
class _Policies:
    """Two policies and two conditions for each tier, shared by the objectives of the same period.

    Attributes:
        documents: all of them so far.
        promises: gives out the names of SLIs and SLOs.
    """

    documents: list[dict[str, Any]] = field(default_factory=list)
    promises: Names = field(default_factory=Names)
    _names: Names = field(default_factory=Names)
    _known: dict[tuple[Tier, float], tuple[str, str]] = field(default_factory=dict)

    def of(self, tier: Tier, period_s: float) -> tuple[str, str]:
        """The names of the policies with the tier's long and its short window."""
        known = self._known.get((tier, period_s))
        if known is None:
            known = (
                self._add(tier, period_s, names.LONG, tier.long_s),
                self._add(tier, period_s, names.SHORT, tier.short_s),
            )
            self._known[tier, period_s] = known
        return known

    def _add(self, tier: Tier, period_s: float, window: str, window_s: float) -> str:
        name = self._names.give(name_of(f"{tier.name}-{shorthand(period_s)}-{window}"))
        condition = {
            "kind": BURN_RATE,
            "op": "gt",
            "threshold": tier.factor(period_s),
            "lookbackWindow": shorthand(window_s),
            "alertAfter": _AT_ONCE,
        }
        policy = {
            "alertWhenBreaching": True,
            "alertWhenNoData": True,
            "alertWhenResolved": False,
            "conditions": [{"conditionRef": name}],
            "notificationTargets": [{"targetRef": ALERTMANAGER}],
        }
        annotations = {names.TIER: tier.name, names.WINDOW: window, names.BUDGET_SHARE: _number(tier.budget_share)}
        spec = {"severity": tier.severity.value, "condition": condition}
        exact = {names.WINDOW_SECONDS: _seconds(window_s)}
        self.documents.append(_document(kinds.ALERT_CONDITION, name, spec, exact))
        self.documents.append(_document(kinds.ALERT_POLICY, name, policy, annotations))
        return name


def _document(
    kind: str, name: str, spec: Mapping[str, Any], annotations: Mapping[str, str | None] | None = None, shown: str = ""
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if shown:
        metadata["displayName"] = shown
    kept = without_nothing(annotations or {})
    if kept:
        metadata["annotations"] = kept
    return {"apiVersion": kinds.API_VERSION, "kind": kind, "metadata": metadata, "spec": dict(spec)}


def _metric(counters: Sequence[Selector], by: tuple[str, ...]) -> dict[str, Any]:
    grouping = f" by ({', '.join(by)}) " if by else ""
    query = " + ".join(f"sum{grouping}({counter.text})" for counter in counters)
    return {"metricSource": {"metricSourceRef": _SOURCE_NAME, "type": PROMETHEUS, "spec": {"query": query}}}


def _seconds(seconds: float) -> str | None:
    """The seconds, where they are no whole minutes and OpenSLO's lengths of time cannot hold them."""
    return None if seconds % 60 == 0 else str(int(seconds))


def _number(value: float) -> str:
    """All of a number's digits, with a point, so that every version of YAML sees why the text is in quotes."""
    written = repr(value)
    return written if "." in written else written.replace("e", ".0e")


def _labels(labels: Mapping[str, str]) -> str | None:
    return as_json(dict(labels)) if labels else None


def _examples(selectors: Mapping[str, Sequence[Selector]]) -> str | None:
    """Values that satisfy conditions, where the conditions themselves do not say which do."""
    found = {role: [_unsaid(selector) for selector in each] for role, each in selectors.items()}
    said = {role: each for role, each in found.items() if any(each)}
    return as_json(said) if said else None


def _unsaid(selector: Selector) -> dict[str, str]:
    return {
        label: match.example
        for label, match in selector.where
        if match.example != (match.value if match.operator == "=" else "")
    }

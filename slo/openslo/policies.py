"""Reading alert policies: each has one condition, which is one window and one threshold for the burn rate.

A policy is read once, however many SLOs refer to it. How policies become the tiers of an objective is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from slo.objective import Severity
from slo.openslo import annotations as names
from slo.openslo.annotations import Annotations
from slo.openslo.document import ALERT_CONDITION, ALERT_NOTIFICATION_TARGET, ALERT_POLICY, tell_metadata
from slo.openslo.faults import quoted
from slo.openslo.shorthand import shorthand

if TYPE_CHECKING:
    from slo.openslo.document import Documents
    from slo.openslo.fields import Fields

BURN_RATE: Final = "burnrate"
ALERTMANAGER: Final = "alertmanager"
_OPERATORS: Final = ("lt", "lte", "gt", "gte")
_LARGEST_THRESHOLD: Final = 1e6  # no budget of a share that can be written burns a million times as fast as it may
_PAGING: Final = frozenset({"critical", "emergency", "fatal", "high", "urgent", "sev0", "sev1", "p0", "p1", "s1"})


@dataclass(frozen=True, slots=True)
class Policy:
    """An alert on a burn rate.

    Attributes:
        name: of the policy.
        severity: whom it reaches.
        threshold: the burn rate above which it speaks.
        window_s: over which the burn rate is measured.
        tier: the tier that it is one half of, if annotations say so.
        window: which half: LONG or SHORT; empty for a policy that stands alone.
        budget_share: the share of the budget that the tier stands for, if annotated.
    """

    name: str
    severity: Severity
    threshold: float
    window_s: float
    tier: str = ""
    window: str = ""
    budget_share: float | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """A policy that makes no alert here; why not has been told."""


@dataclass(frozen=True, slots=True)
class _Condition:
    severity: Severity
    threshold: float
    window_s: float


@dataclass(slots=True)
class Policies:
    """The policies and conditions of a file.

    Attributes:
        documents: the file's objects.
        used: kind and name of those that something refers to.
    """

    documents: Documents
    used: set[tuple[str, str]] = field(default_factory=set)
    _policies: dict[str, Policy | Silent | None] = field(default_factory=dict)
    _conditions: dict[str, _Condition | Silent | None] = field(default_factory=dict)

    def read(self) -> None:
        """Read all of them, so that their faults are told even where no SLO refers to them."""
        for document in self.documents.of_kind(ALERT_CONDITION):
            self._conditions[document.name] = _condition(document.metadata, document.spec)
        for document in self.documents.of_kind(ALERT_POLICY):
            self._policies[document.name] = self._policy(document.name, document.metadata, document.spec)

    def of(self, entry: Fields) -> Policy | Silent | None:
        """The policy that an SLO names or holds; None when it has faults, which have been told."""
        if not entry.has("alertPolicyRef"):
            entry.text("kind", one_of=(ALERT_POLICY,))
            metadata = entry.fields("metadata")
            return self._policy(_name(metadata), metadata, entry.fields("spec", required=True))
        name = entry.text("alertPolicyRef", required=True)
        if entry.has("spec"):
            entry.fault("alertPolicyRef", "a policy is either referred to or written here, and not both")
            return None
        if name is not None and name not in self._policies:
            entry.fault("alertPolicyRef", f"there is no AlertPolicy {quoted(name)} in this file")
        if name is None:
            return None
        self.used.add((ALERT_POLICY, name))
        return self._policies.get(name)

    def _policy(self, name: str, metadata: Fields | None, spec: Fields | None) -> Policy | Silent | None:
        annotations = Annotations(metadata, names.OF_POLICY)
        tier = annotations.text(names.TIER) or ""
        window = annotations.text(names.WINDOW, names.LONG, names.SHORT) or ""
        share = annotations.number(names.BUDGET_SHARE)
        if bool(tier) != bool(window):
            annotations.fault(names.WINDOW if window else names.TIER, f"{names.TIER} and {names.WINDOW} go together")
        if spec is None:
            return None
        spec.leave("rules have no place for it", "description")
        speaks = _speaks(spec)
        self._tell_targets(spec)
        condition = self._condition_of(spec)
        if condition is None or isinstance(condition, Silent):
            return condition
        if not speaks:
            spec.loss("alertWhenBreaching", "a policy that says nothing when its condition holds makes no alert")
            return Silent()
        return Policy(name, condition.severity, condition.threshold, condition.window_s, tier, window, share)

    def _condition_of(self, spec: Fields) -> _Condition | Silent | None:
        entries = spec.items("conditions", required=True)
        if len(entries) > 1:
            spec.fault("conditions", "a policy has one condition in OpenSLO v1")
        found = [self._one_condition(entry) for entry in entries]
        return found[0] if len(found) == 1 else None

    def _one_condition(self, entry: Fields) -> _Condition | Silent | None:
        if not entry.has("conditionRef"):
            entry.text("kind", one_of=(ALERT_CONDITION,))
            metadata = entry.fields("metadata")
            _name(metadata)
            return _condition(metadata, entry.fields("spec", required=True))
        name = entry.text("conditionRef", required=True)
        if entry.has("spec"):
            entry.fault("conditionRef", "a condition is either referred to or written here, and not both")
            return None
        if name is not None and name not in self._conditions:
            entry.fault("conditionRef", f"there is no AlertCondition {quoted(name)} in this file")
        if name is None:
            return None
        self.used.add((ALERT_CONDITION, name))
        return self._conditions.get(name)

    def _tell_targets(self, spec: Fields) -> None:
        for entry in spec.items("notificationTargets"):
            reference = entry.text("targetRef")
            if reference is not None:
                self.used.add((ALERT_NOTIFICATION_TARGET, reference))
                if self.documents.find(ALERT_NOTIFICATION_TARGET, reference) is None:
                    entry.loss("targetRef", _unheard(reference))
                continue
            entry.text("kind", one_of=(ALERT_NOTIFICATION_TARGET,))
            tell_target(_name(entry.fields("metadata")), entry.fields("spec", required=True))


def _name(metadata: Fields | None) -> str:
    """The name of an object that is written where it is used, and needs none."""
    if metadata is None:
        return ""
    tell_metadata(metadata)
    return metadata.text("name") or ""


def tell_target(name: str, spec: Fields | None) -> None:
    """Tell that a notification target is not carried over, unless it is Alertmanager, to whom all alerts go."""
    if spec is None:
        return
    target = spec.text("target", required=True)
    spec.leave("rules have no place for it", "description")
    if target is not None and target.lower() != ALERTMANAGER:
        spec.loss("target", _unheard(name or target))


def _unheard(name: str) -> str:
    return f"the notification target {quoted(name)} is not carried over: Alertmanager routes alerts by their labels"


def _speaks(spec: Fields) -> bool:
    breaching, resolved, no_data = map(spec.flag, ("alertWhenBreaching", "alertWhenResolved", "alertWhenNoData"))
    if resolved:
        spec.loss("alertWhenResolved", "whether the end of an alert is told is the receiver's setting in Alertmanager")
    if no_data is False:
        spec.loss("alertWhenNoData", "every objective has an alert for when nothing is measured")
    # Where false is not written, a policy that speaks for another reason alone leaves this one out.
    return breaching if breaching is not None else not (resolved or no_data)


def _condition(metadata: Fields | None, spec: Fields | None) -> _Condition | Silent | None:
    annotations = Annotations(metadata, names.OF_CONDITION)
    if spec is None:
        return None
    spec.leave("rules have no place for it", "description")
    severity = spec.text("severity", required=True)
    condition = spec.fields("condition", required=True)
    if condition is None:
        return None
    kind = condition.text("kind")
    operator = condition.text("op", required=True, one_of=_OPERATORS)
    threshold = condition.number("threshold", required=True)
    window = condition.span("lookbackWindow", required=True)
    after = condition.span("alertAfter")
    if kind is not None and kind.lower() != BURN_RATE:
        condition.fault("kind", f"it has to be {BURN_RATE}, not {quoted(kind)}")
        return None
    if threshold is not None and threshold > _LARGEST_THRESHOLD:
        condition.fault("threshold", f"nothing burns {threshold:g} times as fast as it may")
        return None
    if window is not None and not window.seconds:
        condition.fault("lookbackWindow", "over a window of no length nothing is measured")
        return None
    if severity is None or operator is None or threshold is None or window is None:
        return None
    if operator in {"lt", "lte"}:
        condition.loss("op", f"an alert on a burn rate that is low ({operator}) would speak while nothing fails")
        return Silent()
    if operator == "gte":
        condition.loss("op", "the alert speaks above the threshold, and not at it")
    if after is not None and after.seconds:
        condition.loss("alertAfter", "the short window takes its place: the budget has to burn in both")
    return _Condition(_severity(spec, severity), threshold, _exact(window.seconds, annotations))


def _severity(spec: Fields, text: str) -> Severity:
    word = text.lower()
    if word in set(Severity):
        return Severity(word)
    severity = Severity.PAGE if word in _PAGING else Severity.TICKET
    spec.loss("severity", f"{quoted(text)} is written as {severity.value}")
    return severity


def _exact(seconds: float, annotations: Annotations) -> float:
    """The window to the second, where an exported file had to round it to a minute."""
    exact = annotations.count(names.WINDOW_SECONDS)
    if exact is None:
        return seconds
    if shorthand(exact) != shorthand(seconds):
        annotations.fault(names.WINDOW_SECONDS, "it is not what lookbackWindow says: change both, or leave it out")
        return seconds
    return float(exact)

"""An alert with all that a person needs who is woken by it.

The links are added here, to every alert in the same way: a runbook that the product serves itself, and the panel that
shows the cause. It knows no single alert.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slo.rule import AlertingRule, RuleGroup

if TYPE_CHECKING:
    from slo.panels import PanelName

RUNBOOK_URL: Final = "runbook_url"
DASHBOARD_URL: Final = "dashboard_url"


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of alerts lead.

    Attributes:
        public_url: the gateway's public address, which serves the runbooks.
        grafana_url: Grafana's address.
    """

    public_url: str = "http://127.0.0.1:8080"
    grafana_url: str = "http://127.0.0.1:3000"

    def runbook(self, alert: str) -> str:
        """The address of an alert's runbook."""
        return f"{self.public_url.rstrip('/')}/runbooks/{alert}"

    def dashboard(self, panel: PanelName) -> str:
        """The address of a panel."""
        return f"{self.grafana_url.rstrip('/')}{panel.path}"


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """A group of rules, and the panel that each of its alerts points at.

    Attributes:
        group: the rules, without links.
        panels: by the alert's name.
    """

    group: RuleGroup
    panels: dict[str, PanelName]

    def rules(self, links: Links) -> RuleGroup:
        """The group with its alerts' links; KeyError for an alert without a panel."""
        linked = tuple(
            self._linked(rule, links) if isinstance(rule, AlertingRule) else rule for rule in self.group.rules
        )
        return replace(self.group, rules=linked)

    def _linked(self, rule: AlertingRule, links: Links) -> AlertingRule:
        added = {RUNBOOK_URL: links.runbook(rule.alert), DASHBOARD_URL: links.dashboard(self.panels[rule.alert])}
        return replace(rule, annotations={**rule.annotations, **added})

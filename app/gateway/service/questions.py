"""Answers what no cluster can: which alerts fire, what is left of error budgets, how fast answers are, who did what.

From Alertmanager's alerts as they were delivered, from Prometheus, and from the audit log as far as the person may look
there. Nothing is run on a cluster here. Where a source does not answer, the person is told which, and the question
stays answered by nobody's guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from app.domain.commands.reading.ages import age, moment
from app.domain.identities import Person, Role
from app.domain.promises.judging import Asks, JudgedObjective, judge_objectives
from app.errors import KubeChatError
from app.gateway.clients.nlp import AskedElsewhere
from app.gateway.service.audit_search import search_as
from app.gateway.service.audit_trail import AuditTrail
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.operation_class import OperationClass
from slo.prometheus import GATEWAY
from slo.promql import divided, duration, matches, quantile, rate, select, total
from slo.targets.requirements import API_ENDPOINTS, SIMPLE_QUERIES

MOST_SHOWN: Final = 8  # more is a list of its own: the alert drawer, the promises page, the audit page
_SHORTEST_S: Final = 60  # a rate needs some scrapes
_LONGEST_S: Final = 7 * 86_400  # of raw series; longer spans are the budgets' business
_LATELY_S: Final = 300
_log = get_logger(__name__)


class Alerts(Protocol):
    """What knows the alerts."""

    firing: list[dict[str, Any]]


class Questions:
    """Looks up what was asked.

    Args:
        alerts: those that fire.
        trail: the audit trail.
        prometheus: what is asked for measurements; None where none is set.
        instruments: where questions are counted.
        now: the clock.
    """

    def __init__(
        self,
        alerts: Alerts,
        trail: AuditTrail,
        prometheus: Asks | None,
        instruments: Instruments,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._alerts = alerts
        self._trail = trail
        self._prometheus = prometheus
        self._now = now
        self._asked = instruments.counter(catalogue.QUESTIONS)

    async def answer(self, person: Person, asked: AskedElsewhere) -> str:
        """The answer in plain text, or a sentence about the source that gave none."""
        topics = {"alerts": self._firing, "budgets": self._budgets, "metrics": self._measured, "audit": self._done}
        find = topics.get(asked.topic)
        if find is None:
            return ""
        try:
            told = await find(person, asked)
        except KubeChatError as error:
            _log.warning("a question was not answered", topic=asked.topic, code=error.code)
            self._asked.labels(asked.topic, "failed").inc()
            return f"{_SOURCES[asked.topic]} gives no answer at the moment, so I do not know. Try again in a moment."
        self._asked.labels(asked.topic, "answered").inc()
        return told

    async def _firing(self, person: Person, asked: AskedElsewhere) -> str:
        alerts = [alert for alert in self._alerts.firing if _is_about(alert, asked.objects)]
        if not alerts:
            about = f" that names {' or '.join(asked.objects)}" if asked.objects else ""
            return f"No alert{about} is firing."
        lines = [f"{_count(len(alerts), 'alert is', 'alerts are')} firing."]
        for alert in alerts[:MOST_SHOWN]:
            began = alert.get("starts_at")
            how_long = f", for {age(began, self._now())}" if began else ""
            lines.append(f"{alert['name']} ({alert['severity']}{how_long}): {alert['summary']}")
        return "\n".join([*lines, *_rest(len(alerts), "the bell lists them all")])

    async def _budgets(self, person: Person, asked: AskedElsewhere) -> str:
        if self._prometheus is None:
            return _NO_PROMETHEUS
        judged = [each for each in await judge_objectives(self._prometheus) if each.budget_left is not None]
        if not judged:
            return "Nothing has been measured yet that an error budget could be judged by."
        judged.sort(key=_left)
        lines = [f"{_percent(_left(each))} left: {each.objective.title}{_group(each)}" for each in judged[:MOST_SHOWN]]
        days = duration(judged[0].objective.period_s)
        return "\n".join(
            [f"Error budgets over {days}, the least first:", *lines, *_rest(len(judged), "the promises page has all")]
        )

    async def _measured(self, person: Person, asked: AskedElsewhere) -> str:
        if self._prometheus is None:
            return _NO_PROMETHEUS
        window_s = min(max(asked.since_s or _LATELY_S, _SHORTEST_S), _LONGEST_S)
        requests = select(catalogue.HTTP_REQUESTS.name, job=GATEWAY)
        simple = {"operation_class": OperationClass.SIMPLE.value}
        per_second = await self._value(total(rate(requests, window_s)).text)
        failed = requests.narrowed(status=matches("5..", "503"))
        share = await self._value(divided(total(rate(failed, window_s)), total(rate(requests, window_s))).text)
        p_api, p_simple = API_ENDPOINTS.named("percentile").number, SIMPLE_QUERIES.named("percentile").number
        api = await self._value(
            quantile(p_api, select(f"{catalogue.HTTP_REQUEST_DURATION.name}_bucket", job=GATEWAY), window_s).text
        )
        turns = await self._value(
            quantile(p_simple, select(f"{catalogue.TURN_DURATION.name}_bucket", job=GATEWAY, **simple), window_s).text
        )
        traffic = "no requests"
        if per_second:
            traffic = f"{per_second:.3g} requests a second, {_percent(share or 0.0)} of them failed"
        lines = [
            f"Over the last {duration(window_s)}, of KubeChat itself:",
            traffic,
            f"API, p{p_api * 100:g}: {_milliseconds(api)}",
            f"simple questions, p{p_simple * 100:g}: {_milliseconds(turns)}",
        ]
        if asked.objects:
            lines.append(f"What {asked.objects[0]} itself serves I do not measure. Ask for its usage, events or logs.")
        return "\n".join(lines)

    async def _value(self, query: str) -> float | None:
        assert self._prometheus is not None
        samples = await self._prometheus.query(query)
        return samples[0].value if samples and not math.isnan(samples[0].value) else None

    async def _done(self, person: Person, asked: AskedElsewhere) -> str:
        filters = {"kind": "outcome", "limit": str(MOST_SHOWN + 1)}
        if asked.since_s:
            filters["since"] = (self._now() - timedelta(seconds=asked.since_s)).isoformat()
        if asked.objects:
            filters["text"] = asked.objects[0]
        elif asked.action:
            filters["text"] = asked.action
        found = await search_as(self._trail, person, filters, purpose="a question in words")
        events = [event for event in found.get("events") or () if asked.action in str(event.get("command") or "")]
        whose = "" if person.role is Role.ADMIN else " of yours; administrators see everyone's"
        if not events:
            when = f" in the last {duration(asked.since_s)}" if asked.since_s else ""
            return f"The audit log holds no such change{when}{whose}."
        lines = [_event(event) for event in events[:MOST_SHOWN]]
        return "\n".join(
            [f"From the audit log{whose}, newest first:", *lines, *_rest(len(events), "the audit page has all")]
        )


_SOURCES: Final = {
    "alerts": "The list of alerts",
    "budgets": "Prometheus",
    "metrics": "Prometheus",
    "audit": "The audit log",
}
_NO_PROMETHEUS: Final = "No Prometheus is set here that I could ask."


def _is_about(alert: Mapping[str, Any], objects: Sequence[str]) -> bool:
    words = " ".join([*map(str, alert["labels"].values()), alert["summary"], alert["description"]])
    return not objects or any(name in words for name in objects)


def _left(judged: JudgedObjective) -> float:
    assert judged.budget_left is not None
    return judged.budget_left


def _group(judged: JudgedObjective) -> str:
    return f" ({', '.join(judged.group.values())})" if judged.group else ""


def _event(event: Mapping[str, Any]) -> str:
    at = moment(event.get("timestamp"))
    when = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at is not None else ""
    where = f", {event['cluster']}" if event.get("cluster") else ""
    return f"{when} {event.get('user_name') or 'somebody'}: {event.get('command')} ({event.get('outcome')}{where})"


def _rest(count: int, where: str) -> list[str]:
    return [f"… and more: {where}."] if count > MOST_SHOWN else []


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _milliseconds(seconds: float | None) -> str:
    return "nothing measured" if seconds is None else f"{seconds * 1000:.3g} ms"

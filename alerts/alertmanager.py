"""Alertmanager's configuration, generated: who is told, how soon, and what is left unsaid.

The syntax is that of Alertmanager 0.25. Secrets are named by file and never written down. The inhibition comes from the
objectives' tiers: a louder tier silences the quieter ones of the same objective and the same group, never another's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alerts.receivers import Outside, Team
from slo.objective import TIERS, Severity
from slo.promql import duration
from slo.series import SERVICE, SEVERITY, SLO, TIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.receivers import Email, Hours, Slack, Webhook
    from slo.objective import Objective

WEB_CHAT: Final = "web-chat"
NOBODY: Final = "nobody"
OUTSIDE: Final = "outside"
HEARTBEAT: Final = "heartbeat"
TICKET_HOURS: Final = "ticket-hours"
HOOK_PATH: Final = "/hooks/alertmanager"

PAGE_WAIT_S: Final = 1.0  # a page waits for company as long as two rules of one group take, and no longer
PAGE_INTERVAL_S: Final = 10.0  # that a page ended is worth knowing soon, too
PAGE_REPEAT_S: Final = 4 * 3600.0
FAST_REPEAT_S: Final = 3600.0
HEARTBEAT_S: Final = 60.0
# The web chat is told soon, and what is sent out waits for company: causes come in swarms.
CHAT_TICKET_WAIT_S: Final = 5.0
CHAT_TICKET_INTERVAL_S: Final = 15.0
TICKET_WAIT_S: Final = 30.0
TICKET_INTERVAL_S: Final = 300.0
TICKET_REPEAT_S: Final = 24 * 3600.0

TEMPLATES: Final = Path(__file__).parent / "templates" / "kubechat.tmpl"
_TITLE: Final = '{{ template "kubechat.title" . }}'
_TEXT: Final = '{{ template "kubechat.text" . }}'


def configuration(
    webhook_urls: Sequence[str],
    credentials_file: str,
    objectives: Iterable[Objective] = (),
    outside: Outside | None = None,
    templates: str = "",
) -> dict[str, Any]:
    """The whole configuration.

    Args:
        webhook_urls: the gateways' webhooks, one per replica: each stores what it is sent once, whoever else got it.
        credentials_file: the file with the token that Alertmanager shows them.
        objectives: those whose alerts inhibit one another by tier.
        outside: where else notifications go.
        templates: the file with `TEMPLATES`; needed for what goes outside.

    Raises:
        ValueError: without a webhook or a credentials file, since nobody would be told of anything.
    """
    if not webhook_urls:
        raise ValueError("no webhook is given: nobody would be told of any alert")
    if not credentials_file:
        raise ValueError("no credentials file is given: the gateway would refuse every alert")
    told = outside or Outside()
    if told.has_receivers and not templates:
        raise ValueError("no templates are given: what goes outside could not be worded")
    return {
        **({"templates": [templates]} if told.has_receivers else {}),
        **(_time_intervals(told.ticket_hours) if told.ticket_hours else {}),
        "route": _routes(told),
        "receivers": [
            _web_chat(webhook_urls, credentials_file),
            {"name": NOBODY},
            *([{"name": HEARTBEAT, "webhook_configs": [_hook(told.heartbeat)]}] if told.heartbeat else []),
            *_outside(told),
        ],
        "inhibit_rules": _inhibitions(objectives),
    }


def _routes(outside: Outside) -> dict[str, Any]:
    page, ticket = (_is(SEVERITY, severity.value) for severity in (Severity.PAGE, Severity.TICKET))
    in_hours = {"active_time_intervals": [TICKET_HOURS]} if outside.ticket_hours else {}
    sent = [
        {"receiver": OUTSIDE, "continue": True, "matchers": [page], **_PAGES, "routes": _by_tier_and_team(outside)},
        {
            "receiver": OUTSIDE,
            "continue": True,
            "matchers": [ticket],
            **_timing(TICKET_WAIT_S, TICKET_INTERVAL_S, TICKET_REPEAT_S),
            **in_hours,
            "routes": [{**route, **in_hours} for route in _by_team(outside)],
        },
    ]
    return {
        "receiver": WEB_CHAT,
        "group_by": ["alertname", SERVICE, SLO],
        **_timing(CHAT_TICKET_WAIT_S, CHAT_TICKET_INTERVAL_S, TICKET_REPEAT_S),
        "routes": [
            {"matchers": [_is(SEVERITY, Severity.NONE.value)], **_heartbeat(outside)},
            *(sent if outside.has_receivers else []),
            {"receiver": WEB_CHAT, "matchers": [page], **_PAGES},
            {"receiver": WEB_CHAT},  # the root speaks only where nothing further in has
        ],
    }


def _heartbeat(outside: Outside) -> dict[str, Any]:
    if outside.heartbeat is None:
        return {"receiver": NOBODY}
    return {"receiver": HEARTBEAT, **_timing(PAGE_WAIT_S, HEARTBEAT_S, HEARTBEAT_S)}


def _by_tier_and_team(outside: Outside) -> list[dict[str, Any]]:
    """A budget that burns fast is gone within days: whoever overheard the first page is told again within the hour."""
    fast = {
        "receiver": OUTSIDE,
        "matchers": [_is(TIER, TIERS[0].name)],
        **_timing(PAGE_WAIT_S, PAGE_INTERVAL_S, FAST_REPEAT_S),
        "routes": _by_team(outside),
    }
    return [fast, *_by_team(outside)]


def _by_team(outside: Outside) -> list[dict[str, Any]]:
    return [{"receiver": _team(service), "matchers": [_is(SERVICE, service)]} for service in sorted(outside.services)]


def _team(service: str) -> str:
    return f"{OUTSIDE}-{service}"


def _time_intervals(hours: Hours) -> dict[str, Any]:
    times = [{"start_time": hours.start, "end_time": hours.end}]
    open_hours = {"times": times, "weekdays": list(hours.days), "location": hours.timezone}
    return {"time_intervals": [{"name": TICKET_HOURS, "time_intervals": [open_hours]}]}


def _outside(outside: Outside) -> list[dict[str, Any]]:
    """The receiver of everything, and one for each team; what a team has not of its own it shares."""
    if not outside.has_receivers:
        return []
    teams = ((_team(service), team) for service, team in sorted(outside.services.items()))
    return [_receiver(name, outside, team) for name, team in ((OUTSIDE, Team()), *teams)]


def _receiver(name: str, outside: Outside, team: Team) -> dict[str, Any]:
    receiver: dict[str, Any] = {"name": name}
    if outside.email:
        receiver["email_configs"] = [_mail(outside.email, ", ".join(team.email or outside.email.to))]
    if outside.slack:
        receiver["slack_configs"] = [_slack(outside.slack, team.slack or outside.slack.channel)]
    if outside.webhook:
        receiver["webhook_configs"] = [_hook(outside.webhook)]
    return receiver


def _mail(email: Email, to: str) -> dict[str, Any]:
    login = {"auth_username": email.username, "auth_password_file": str(email.password_file)}
    return {
        "to": to,
        "from": email.sender,
        "smarthost": email.smarthost,
        **(login if email.username else {}),
        "require_tls": email.require_tls,
        "headers": {"Subject": _TITLE},
        "html": '{{ template "kubechat.html" . }}',
        "text": _TEXT,
        "send_resolved": True,
    }


def _slack(slack: Slack, channel: str) -> dict[str, Any]:
    return {
        "api_url_file": str(slack.url_file),
        "channel": channel,
        "color": '{{ template "kubechat.colour" . }}',
        "title": _TITLE,
        "title_link": "{{ (index .Alerts 0).Annotations.runbook_url }}",
        "fallback": _TITLE,
        "text": '{{ template "kubechat.slack" . }}',
        "send_resolved": True,
    }


def _hook(webhook: Webhook) -> dict[str, Any]:
    authorization = {"authorization": {"type": "Bearer", "credentials_file": str(webhook.token_file)}}
    http = {**(authorization if webhook.token_file else {}), "follow_redirects": False}
    return {"url": str(webhook.url), "send_resolved": True, "http_config": http}


def _timing(wait_s: float, interval_s: float, repeat_s: float) -> dict[str, str]:
    return {
        "group_wait": duration(wait_s),
        "group_interval": duration(interval_s),
        "repeat_interval": duration(repeat_s),
    }


_PAGES: Final = _timing(PAGE_WAIT_S, PAGE_INTERVAL_S, PAGE_REPEAT_S)


def _web_chat(webhook_urls: Sequence[str], credentials_file: str) -> dict[str, Any]:
    # A redirect would carry the token to wherever it points.
    http = {
        "authorization": {"type": "Bearer", "credentials_file": credentials_file},
        "follow_redirects": False,
    }
    hooks = [{"url": url, "send_resolved": True, "http_config": http} for url in webhook_urls]
    return {"name": WEB_CHAT, "webhook_configs": hooks}


def _inhibitions(objectives: Iterable[Objective]) -> list[dict[str, Any]]:
    """One rule for each tier that has quieter ones.

    Every alert that these match carries the objective's label, so that `equal` always has something to compare; labels
    that are missing on both sides count as equal, which is right for objectives without groups.
    """
    known = tuple(objectives)
    same = [SLO, SERVICE, *sorted({label for objective in known for label in objective.grouping})]
    quieter: dict[str, set[str]] = {}
    for objective in known:
        names = [tier.name for tier in objective.tiers]
        for position, name in enumerate(names):
            quieter.setdefault(name, set()).update(names[position + 1 :])
    return [
        {
            "source_matchers": [_is(TIER, name)],
            "target_matchers": [f'{TIER}=~"{"|".join(sorted(others))}"'],
            "equal": same,
        }
        for name, others in quieter.items()
        if others
    ]


def _is(label: str, value: str) -> str:
    return f'{label}="{value}"'

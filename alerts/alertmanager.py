"""Alertmanager's configuration, generated: who is told, how soon, and what is left unsaid.

The syntax is that of Alertmanager 0.25. Secrets are named by file and never written down. The inhibition comes from the
objectives' tiers: a louder tier silences the quieter ones of the same objective and the same group, never another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slo.objective import Severity
from slo.promql import duration
from slo.series import SERVICE, SEVERITY, SLO, TIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slo.objective import Objective

WEB_CHAT: Final = "web-chat"
NOBODY: Final = "nobody"
HOOK_PATH: Final = "/hooks/alertmanager"

PAGE_WAIT_S: Final = 1.0  # a page waits for company as long as two rules of one group take, and no longer
PAGE_INTERVAL_S: Final = 10.0  # that a page ended is worth knowing soon, too
PAGE_REPEAT_S: Final = 4 * 3600.0
TICKET_WAIT_S: Final = 30.0  # causes come in swarms; one notification for the swarm
TICKET_INTERVAL_S: Final = 300.0
TICKET_REPEAT_S: Final = 24 * 3600.0


def configuration(
    webhook_urls: Sequence[str], credentials_file: str, objectives: Iterable[Objective] = ()
) -> dict[str, Any]:
    """The whole configuration.

    Args:
        webhook_urls: the gateways' webhooks, one per replica: each stores what it is sent once, whoever else got it.
        credentials_file: the file with the token that Alertmanager shows them.
        objectives: those whose alerts inhibit one another by tier.

    Raises:
        ValueError: without a webhook or a credentials file, since nobody would be told of anything.
    """
    if not webhook_urls:
        raise ValueError("no webhook is given: nobody would be told of any alert")
    if not credentials_file:
        raise ValueError("no credentials file is given: the gateway would refuse every alert")
    return {
        "route": _routes(),
        "receivers": [_web_chat(webhook_urls, credentials_file), {"name": NOBODY}],
        "inhibit_rules": _inhibitions(objectives),
    }


def _routes() -> dict[str, Any]:
    return {
        "receiver": WEB_CHAT,
        "group_by": ["alertname", SERVICE, SLO],
        **_timing(TICKET_WAIT_S, TICKET_INTERVAL_S, TICKET_REPEAT_S),
        "routes": [
            {"receiver": NOBODY, "matchers": [_is(SEVERITY, Severity.NONE.value)]},
            {
                "receiver": WEB_CHAT,
                "matchers": [_is(SEVERITY, Severity.PAGE.value)],
                **_timing(PAGE_WAIT_S, PAGE_INTERVAL_S, PAGE_REPEAT_S),
            },
        ],
    }


def _timing(wait_s: float, interval_s: float, repeat_s: float) -> dict[str, str]:
    return {
        "group_wait": duration(wait_s),
        "group_interval": duration(interval_s),
        "repeat_interval": duration(repeat_s),
    }


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

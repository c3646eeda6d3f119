"""The alert about outputs that are followed: nearly as many as a gateway may hold at once."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.near_limit import INTERVAL_S, NearLimit
from app.telemetry.catalogue import STREAMS, STREAMS_LIMIT
from slo import panels
from slo.case import Case
from slo.promql import duration
from slo.rule import RuleGroup

STREAMS_NEAR_LIMIT: Final = "StreamsNearLimit"
_FOR_S: Final = 300.0  # everybody looks at an incident at once; it lasts where nobody stops again
_NEAR: Final = NearLimit(
    STREAMS_NEAR_LIMIT,
    STREAMS,
    STREAMS_LIMIT,
    _FOR_S,
    "Nearly as many outputs are followed as a gateway may hold",
    "{{ $labels.instance }} follows {{ $value | humanizePercentage }} of the outputs that it may, for "
    f"{duration(_FOR_S)} or longer. At the limit, watches and followed logs are refused; all else goes on.",
)


def streams() -> LinkedGroup:
    """The alert."""
    return LinkedGroup(RuleGroup("streams", INTERVAL_S, (_NEAR.rule(),)), {STREAMS_NEAR_LIMIT: panels.STREAMS})


def stream_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires after its time, is silent just below, ends, and is silent without data."""
    return _NEAR.cases(group)

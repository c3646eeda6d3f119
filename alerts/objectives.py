"""The objectives that are kept: each binds a promise to the metric that shows whether it holds.

The promise's figure comes from the target catalogue and the metric from the metric catalogue; nothing is typed again.
"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import HTTP_REQUESTS, HTTP_REQUESTS_IN_FLIGHT
from slo.indicator import RatioIndicator
from slo.objective import Objective
from slo.prometheus import GATEWAY
from slo.promql import matches, select
from slo.targets.requirements import UPTIME_TARGET

GATEWAY_AVAILABILITY: Final = Objective(
    id="gateway-availability",
    service=GATEWAY,
    title="Requests to the gateway are answered",
    target=UPTIME_TARGET.named("objective").number,
    indicator=RatioIndicator(
        total=select(HTTP_REQUESTS.name, job=GATEWAY),
        # A request that was shed is answered with 503: it counts as failed, whatever the reason was.
        bad={"status": matches("5..", "503")},
        good_example={"status": "200"},
        presence=select(HTTP_REQUESTS_IN_FLIGHT.name, job=GATEWAY),
    ),
    # Ten failures are no single person's unlucky click, and at full load they are a hundredth of a second's traffic.
    minimum_bad_events=10,
)

OBJECTIVES: Final = (GATEWAY_AVAILABILITY,)

"""Caches in memory: are they of use, and do they stay within what they may hold?"""

from __future__ import annotations

from dashboards.cache_row import cache_row
from dashboards.dashboard import Dashboard
from dashboards.variables import services
from dashboards.watch_row import watch_row
from slo import panels
from slo.prometheus import SERVICES


def caches() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.CACHES,
        title="KubeChat / Caches",
        description="Are caches of use, and do they stay within what they may hold?",
        variables=services(SERVICES),
        rows=(cache_row(), watch_row()),
    )

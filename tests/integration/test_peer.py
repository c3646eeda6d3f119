"""Our burn-rate alerts against those that slok/sloth generates for the same objective."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from alerts.objectives import GATEWAY_AVAILABILITY
from slo.burnrate import own_group
from slo.promql import duration

ROOT = Path(__file__).resolve().parents[2]
SPEC = {
    "version": "prometheus/v1",
    "service": GATEWAY_AVAILABILITY.service,
    "slos": [
        {
            "name": "availability",
            "objective": round(GATEWAY_AVAILABILITY.target * 100, 9),
            "sli": {
                "events": {
                    "error_query": "sum(rate(bad_total[{{.window}}]))",
                    "total_query": "sum(rate(all_total[{{.window}}]))",
                }
            },
            "alerting": {"name": "Burn", "page_alert": {}, "ticket_alert": {}},
        }
    ],
}

Tiers = dict[tuple[str, str], float]


def sloths(folder: Path) -> Tiers:
    """The share of errors above which both windows have to be, by the windows, as sloth says."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("left out: Go is not at hand, and sloth is a Go tool (tools/README.md)")
    (folder / "spec.yaml").write_text(yaml.safe_dump(SPEC))
    subprocess.run(
        [go, "tool", "sloth", "generate", "-i", folder / "spec.yaml", "-o", folder / "rules.yaml"],
        check=True,
        cwd=ROOT / "tools",
        env={**os.environ, "GOCACHE": str(ROOT / "tools" / ".cache"), "GOFLAGS": "-mod=readonly"},
        capture_output=True,
    )
    groups = yaml.safe_load((folder / "rules.yaml").read_text())["groups"]
    alerts = [rule["expr"] for group in groups for rule in group["rules"] if "alert" in rule]
    compared = re.findall(r"ratio_rate(\w+)\{[^}]*\} > \(([\d.]+) \* ([\d.]+)\)", " ".join(alerts))
    pairs = zip(compared[::2], compared[1::2], strict=True)
    return {(short[0], long[0]): float(short[1]) * float(short[2]) for short, long in pairs}


def ours() -> Tiers:
    """The same, of our rules."""
    tiers: Tiers = {}
    burning = {tier.alert for tier in GATEWAY_AVAILABILITY.tiers}
    for rule in (each for each in own_group(GATEWAY_AVAILABILITY).alerts if each.alert in burning):
        compared = re.findall(r"slo:errors:ratio(\w+)\{[^}]*\} > ([\d.]+)", rule.query.text)
        (long, limit), (short, same) = sorted(compared, key=lambda found: -_seconds(found[0]))
        assert limit == same
        tiers[short, long] = float(limit)
    return tiers


def _seconds(window: str) -> float:
    return float(window[:-1]) * {"m": 60, "h": 3600, "d": 86400}[window[-1]]


@pytest.mark.full
@pytest.mark.timeout(1200)  # the first time a compiler has to be waited for
def test_our_tiers_speak_at_the_same_error_rates_over_the_same_windows_as_sloths(tmp_path: Path) -> None:
    peers, own = sloths(tmp_path), ours()
    assert {(duration(_seconds(short)), duration(_seconds(long))) for short, long in peers} == set(own)
    for windows, limit in peers.items():
        assert own[windows] == pytest.approx(limit)

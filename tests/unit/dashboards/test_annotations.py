"""A rolled-out version is marked when it appears, and neither a restart nor time that passes is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dashboards.annotations import marks

OLD, NEW = (f'kubechat_build_info{{job="gateway",instance="gateway-1",version="{version}"}}' for version in (1, 2))


def marked(folder: Path, series: dict[str, str], at: str) -> bool:
    """Whether a deployment of version 2 is marked at this time; samples are 30 s apart."""
    (asked,) = (mark["expr"] for mark in marks() if mark["name"] == "Deployments")
    expected = [{"labels": '{job="gateway",version="2"}', "value": 1}]
    case: dict[str, Any] = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": asked, "eval_time": at, "exp_samples": expected}],
    }
    (folder / "case.json").write_text(json.dumps({"rule_files": [], "evaluation_interval": "30s", "tests": [case]}))
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: install Debian's package prometheus"
    judged = subprocess.run([promtool, "test", "rules", folder / "case.json"], capture_output=True, check=False)
    return judged.returncode == 0


# Version 1 for ten minutes, then version 2.
ROLLED_OUT = {OLD: "1x19 stale", NEW: "_x20 1x40"}


@pytest.mark.parametrize(
    ("series", "at", "shown"),
    [
        (ROLLED_OUT, "9m30s", False),
        (ROLLED_OUT, "10m30s", True),
        (ROLLED_OUT, "12m", False),
        # A second replica follows a minute later: the version is known by then.
        ({**ROLLED_OUT, NEW.replace("gateway-1", "gateway-2"): "_x24 1x40"}, "12m30s", False),
        # The same version comes back after a restart of two minutes.
        ({NEW: "1x20 stale _x3 1x20"}, "12m30s", False),
        # It is rolled back to what ran an hour before.
        ({NEW: "1x20 stale _x99 1x40", OLD: "_x21 1x98 stale"}, "60m30s", True),
    ],
)
def test_a_deployment_is_marked_when_a_version_appears(
    tmp_path: Path, series: dict[str, str], at: str, shown: bool
) -> None:
    assert marked(tmp_path, series, at) is shown

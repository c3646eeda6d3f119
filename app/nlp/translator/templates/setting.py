"""What is set by further forms of words: on autoscalers, configmaps, services, rollouts and nodes."""

from __future__ import annotations

import json
import re

from app.nlp.translator.changes import finish
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import SCALABLE
from app.nlp.translator.plan import Plan
from app.nlp.translator.targets import Target, find_targets
from app.nlp.translator.templates import configuring
from app.nlp.translator.templates.wording import Fit

annotate = configuring.annotate
label = configuring.label
pause = configuring.pause
resume = configuring.resume
cordon = configuring.cordon
uncordon = configuring.uncordon
_EFFECTS = {"noschedule": "NoSchedule", "noexecute": "NoExecute", "prefernoschedule": "PreferNoSchedule"}
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


def image(frame: Frame, found: Fit) -> Plan | None:
    """Give a workload another image."""
    return configuring.image(frame, found)


def env(frame: Frame, found: Fit) -> Plan | None:
    """Set environment variables of a workload."""
    return configuring.set_env(frame, found)


def autoscaler(frame: Frame, found: Fit) -> Plan | None:
    """Set the least or the most replicas of an autoscaler."""
    targets = find_targets(found.frame, ("horizontalpodautoscalers",))
    if isinstance(targets, Plan):
        return targets
    least = found.words.get("which", "").lower().startswith("min")
    bound = "minReplicas" if least else "maxReplicas"
    return _patched(frame, targets, {"spec": {bound: int(found.words["bound"])}})


def config_map(frame: Frame, found: Fit) -> Plan | None:
    """Set entries of a configmap; None where the object is something else, of which these words mean another thing."""
    targets = find_targets(found.frame, ("configmaps",))
    if isinstance(targets, Plan) or not configuring.is_only(found, "configmaps"):
        return None
    if found.has("pairs"):
        key, _, value = found.words["pairs"].partition("=")
    else:
        key, value = found.words["key"], found.words["value"]
    return _patched(frame, targets, {"data": {key: value}})


def _patched(frame: Frame, targets: list[Target], body: object) -> Plan:
    patch = json.dumps(body, separators=(",", ":"))
    commands = tuple(line(["patch", t.path, "--type=merge", "-p", patch], t.scope) for t in targets)
    return finish(frame, targets, commands)


def expose(frame: Frame, found: Fit) -> Plan | None:
    """Make a service for a workload, under a name of its own where one is given."""
    targets = find_targets(found.frame, (*SCALABLE, "pods"))
    if isinstance(targets, Plan):
        return targets
    after = [f"--port={found.words['port']}"]
    if found.has("target"):
        after.append(f"--target-port={found.words['target']}")
    name = found.words.get("name", found.words.get("name2", "")).lower()
    if name and not _NAME.fullmatch(name):
        return None
    if name:
        after.append(f"--name={name}")
    return finish(frame, targets, tuple(line(["expose", t.path, *after], t.scope) for t in targets))


def taint(frame: Frame, found: Fit) -> Plan | None:
    """Taint a node, the effect in whatever spelling."""
    effect = _EFFECTS[found.words["effect"].lower().replace(" ", "")]
    words = {**found.words, "taint": f"{found.words['key']}:{effect}"}
    return configuring.taint(frame, Fit(words, found.frame))

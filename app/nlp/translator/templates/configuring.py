"""Labels, annotations, environment, resources, autoscaling, exposure: what is set on workloads and other objects."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.nlp.translator.changes import finish
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS, SCALABLE, WORKLOADS
from app.nlp.translator.plan import Behaviour, Plan, ask
from app.nlp.translator.targets import find_targets
from app.nlp.translator.templates.wording import Fit

_QUANTITY = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]*)")
_UNITS = {
    "": "",
    "m": "m",
    "millicore": "m",
    "millicores": "m",
    "core": "",
    "cores": "",
    "cpu": "",
    "cpus": "",
    "k": "Ki",
    "kb": "Ki",
    "ki": "Ki",
    "mi": "Mi",
    "mb": "Mi",
    "mib": "Mi",
    "meg": "Mi",
    "megs": "Mi",
    "megabytes": "Mi",
    "gi": "Gi",
    "g": "Gi",
    "gb": "Gi",
    "gib": "Gi",
    "gig": "Gi",
    "gigs": "Gi",
    "gigabytes": "Gi",
}
_MEMORY = frozenset({"memory", "mem", "ram"})
_MOST_PERCENT = 1000
_MOST_REPLICAS = 1000


def _set(frame: Frame, found: Fit, kinds: Sequence[str], before: list[str], after: list[str]) -> Plan:
    """One command for each object: words, the object, more words."""
    targets = find_targets(found.frame, kinds)
    if isinstance(targets, Plan):
        return targets
    return finish(frame, targets, tuple(line([*before, t.path, *after], t.scope) for t in targets))


def _everything(found: Fit) -> tuple[str, ...]:
    said = [kind.plural for kind in found.frame.kinds]
    return tuple(dict.fromkeys((*said, *BY_IMPORTANCE, *sorted(found.frame.vocabulary.kinds))))


def label(frame: Frame, found: Fit) -> Plan | None:
    """Set labels."""
    return _mark(frame, found, "label")


def annotate(frame: Frame, found: Fit) -> Plan | None:
    """Set annotations."""
    return _mark(frame, found, "annotate")


def _mark(frame: Frame, found: Fit, verb: str) -> Plan:
    pairs = found.words["pairs"].replace(" and ", " ").replace(",", " ").split()
    again = ["--overwrite"] if found.has("again") else []
    of_pods = KINDS["pods"] in found.frame.kinds and found.frame.says("pods") and found.frame.names
    targets = find_targets(found.frame, WORKLOADS) if of_pods else []
    if isinstance(targets, Plan) or not targets:
        return _set(frame, found, _everything(found), [verb], [*pairs, *again])
    # The pods that a workload has: a label of the workload itself would not reach them.
    selected = [(t, frame.vocabulary.selector_of(t.entry)) for t in targets]
    commands = tuple(line([verb, "pods", "-l", selector, *pairs, *again], t.scope) for t, selector in selected)
    return finish(frame, targets, commands)


def mark_namespace(frame: Frame, found: Fit) -> Plan | None:
    """Set labels or annotations of a namespace itself."""
    if len(frame.namespaces) != 1 or frame.names:
        return None
    pairs = found.words["pairs"].replace(" and ", " ").replace(",", " ").split()
    verb = "annotate" if found.words["verb"].lower().startswith("annot") else "label"
    words = [verb, "namespace", frame.namespaces[0], *pairs]
    commands = tuple(line(words, scope) for scope in frame.scopes(namespaced=False))
    return Plan(Behaviour.CONFIRM, commands, confidence=0.9, reading=frame.reading())


def relabel(frame: Frame, found: Fit) -> Plan | None:
    """Give a label another value."""
    after = [f"{found.words['key']}={found.words['value']}", "--overwrite"]
    return _set(frame, found, _everything(found), ["label"], after)


def unlabel(frame: Frame, found: Fit) -> Plan | None:
    """Take a label away."""
    return _set(frame, found, _everything(found), ["label"], [f"{found.words['key']}-"])


def unannotate(frame: Frame, found: Fit) -> Plan | None:
    """Take an annotation away."""
    return _set(frame, found, _everything(found), ["annotate"], [f"{found.words['key']}-"])


def set_env(frame: Frame, found: Fit) -> Plan | None:
    """Set environment variables; those of a configmap are set elsewhere."""
    if is_only(found, "configmaps"):
        return None
    if found.has("pairs"):
        pairs = found.words["pairs"].replace(" and ", " ").replace(",", " ").split()
    else:
        pairs = [f"{found.words['key']}={found.words['value']}"]
    return _set(frame, found, WORKLOADS, ["set", "env"], pairs)


def unset_env(frame: Frame, found: Fit) -> Plan | None:
    """Take an environment variable away."""
    return _set(frame, found, WORKLOADS, ["set", "env"], [f"{found.words['key']}-"])


def list_env(frame: Frame, found: Fit) -> Plan | None:
    """Show environment variables."""
    targets = find_targets(found.frame, (*WORKLOADS, "pods"))
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["set", "env", t.path, "--list"], t.scope) for t in targets)
    score = round(0.93 * certainty(found.frame.tags), 2)
    return Plan(Behaviour.RUN, commands, confidence=score, reading=frame.reading())


def resources(frame: Frame, found: Fit) -> Plan | None:
    """Set requests or limits of CPU and memory."""
    values: list[str] = []
    for of, amount in (("metric", "amount"), ("metric2", "amount2")):
        if not found.has(amount):
            continue
        memory = found.words[of].lower() in _MEMORY if found.has(of) else None
        value = _amount(found.words[amount], memory=memory)
        if value is None:
            return ask(f"I can't read “{found.words[amount]}” as an amount. Say it as 500m or 256Mi.")
        values.append(value)
    which = found.words.get("which", found.words.get("which2", "")).lower()
    if which.startswith("request"):
        flag, say = "--requests", ""
    else:
        flag, say = "--limits", "" if which else "I set it as the limit."
    targets = find_targets(found.frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["set", "resources", t.path, f"{flag}={','.join(values)}"], t.scope) for t in targets)
    return finish(frame, targets, commands, say=say)


def request_and_limit(frame: Frame, found: Fit) -> Plan | None:
    """Set a request and a limit at once."""
    memory = found.words["metric"].lower() in _MEMORY
    values = [_amount(found.words[name], memory=memory) for name in ("amount", "amount2")]
    if None in values or found.words.get("metric2", found.words["metric"]).lower() != found.words["metric"].lower():
        return None
    return _set(frame, found, WORKLOADS, ["set", "resources"], [f"--requests={values[0]}", f"--limits={values[1]}"])


def _amount(words: str, *, memory: bool | None) -> str | None:
    """An amount as kubectl takes it: `cpu=500m`, `memory=1Gi`; without a word for it, by its unit."""
    found = _QUANTITY.fullmatch(words.strip())
    if found is None:
        return None
    unit = _UNITS.get(found["unit"].lower())
    if unit is None:
        return None
    if memory is None:
        memory = unit in {"Ki", "Mi", "Gi"}
    if memory != (unit in {"Ki", "Mi", "Gi"}):
        return None
    return f"{'memory' if memory else 'cpu'}={found['number']}{unit}"


def autoscale(frame: Frame, found: Fit) -> Plan | None:
    """Let a workload be scaled by itself."""
    least, most = sorted((int(found.words["least"]), int(found.words["most"])))
    percent = int(found.words.get("percent", 0))
    if not (0 < least <= most <= _MOST_REPLICAS and percent <= _MOST_PERCENT):
        return ask("Between how many replicas, and at which percentage of CPU?", reading=frame.reading())
    after = [f"--min={least}", f"--max={most}", *([f"--cpu-percent={percent}"] if percent else [])]
    return _set(frame, found, SCALABLE, ["autoscale"], after)


def expose(frame: Frame, found: Fit) -> Plan | None:
    """Make a service for a workload."""
    after = [f"--port={found.words['port']}"]
    if found.has("target"):
        after.append(f"--target-port={found.words['target']}")
    kinds = {"nodeport": "NodePort", "loadbalancer": "LoadBalancer", "clusterip": "ClusterIP"}
    if found.has("type"):
        after.append(f"--type={kinds[found.words['type'].lower().replace(' ', '').replace('-', '')]}")
    return _set(frame, found, (*SCALABLE, "pods"), ["expose"], after)


def image(frame: Frame, found: Fit) -> Plan | None:
    """Give a workload another image, in the container of its own name."""
    targets = find_targets(found.frame, WORKLOADS)
    if isinstance(targets, Plan):
        return None
    commands = tuple(line(["set", "image", t.path, f"{t.entry.name}={found.words['image']}"], t.scope) for t in targets)
    return finish(frame, targets, commands)


def pause(frame: Frame, found: Fit) -> Plan | None:
    """Pause a rollout."""
    return _set(frame, found, ("deployments",), ["rollout", "pause"], [])


def resume(frame: Frame, found: Fit) -> Plan | None:
    """Go on with a rollout that was paused."""
    return _set(frame, found, ("deployments",), ["rollout", "resume"], [])


def back_to(frame: Frame, found: Fit) -> Plan | None:
    """Roll back to a revision."""
    return _set(frame, found, WORKLOADS, ["rollout", "undo"], [f"--to-revision={found.words['revision']}"])


def suspend(frame: Frame, found: Fit) -> Plan | None:
    """Keep a cronjob from making jobs."""
    return _patched(frame, found, '{"spec":{"suspend":true}}')


def unsuspend(frame: Frame, found: Fit) -> Plan | None:
    """Let a cronjob make jobs again."""
    return _patched(frame, found, '{"spec":{"suspend":false}}')


def _patched(frame: Frame, found: Fit, body: str) -> Plan | None:
    if not is_only(found, "cronjobs"):
        return None
    return _set(frame, found, ("cronjobs",), ["patch"], ["-p", body])


def is_only(found: Fit, plural: str) -> bool:
    """Whether every name of the object is one of this kind, and of no workload."""
    entries = [
        [entry.kind for name in getattr(tag.value, "names", ()) for entry in found.frame.vocabulary.names[name]]
        for tag in found.frame.names
    ]
    return bool(entries) and all(plural in kinds and not set(kinds) & set(WORKLOADS) for kinds in entries)


def run_now(frame: Frame, found: Fit) -> Plan | None:
    """Make a job of a cronjob."""
    if not is_only(found, "cronjobs"):
        return None
    targets = find_targets(found.frame, ("cronjobs",))
    if isinstance(targets, Plan):
        return targets
    target = targets[0]
    name = found.words.get("name", f"{target.entry.name}-manual").lower()
    words = ["create", "job", name, f"--from=cronjob/{target.entry.name}"]
    return finish(frame, targets[:1], (line(words, target.scope),))


def taint(frame: Frame, found: Fit) -> Plan | None:
    """Taint a node."""
    return _nodes(frame, found, ["taint", "nodes"], [found.words["taint"]])


def untaint(frame: Frame, found: Fit) -> Plan | None:
    """Take a taint away."""
    return _nodes(frame, found, ["taint", "nodes"], [f"{found.words['taint']}-"])


def cordon(frame: Frame, found: Fit) -> Plan | None:
    """Keep new pods off a node."""
    return _nodes(frame, found, ["cordon"], [])


def uncordon(frame: Frame, found: Fit) -> Plan | None:
    """Let new pods on a node again."""
    return _nodes(frame, found, ["uncordon"], [])


def _nodes(frame: Frame, found: Fit, before: list[str], after: list[str]) -> Plan | None:
    targets = find_targets(found.frame, ("nodes",))
    if isinstance(targets, Plan):
        return None  # another object: these words may mean something else of it
    return finish(frame, targets, tuple(line([*before, t.entry.name, *after], t.scope) for t in targets))

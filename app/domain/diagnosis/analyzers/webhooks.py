"""Admission webhooks that nobody answers: until then what they are asked about cannot be made."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DEGRADED, DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, condition, items, labels, mapping, name_of, text
from app.domain.diagnosis.snapshot import Snapshot


def look(snapshot: Snapshot, configuration: Obj) -> Iterator[Finding]:
    """Which webhooks of a configuration have nobody behind them."""
    about = Ref(text(configuration, "kind"), name_of(configuration))
    for hook in items(configuration, "webhooks"):
        service = mapping(hook, "clientConfig", "service")
        space, name = text(service, "namespace"), text(service, "name")
        if not name or (snapshot.namespace and snapshot.namespace != space) or not snapshot.knows("services"):
            continue
        called = text(hook, "name")
        behind = Ref("Service", name, space)
        closed = text(hook, "failurePolicy") != "Ignore"
        follows = "so that what it is asked about is refused" if closed else "so that it is passed over"
        weight = DOWN if closed else DEGRADED
        rules = Evidence(f"It is asked about {_rules(hook) or 'nothing'}.", f"spec of {about.path}")
        found = snapshot.find("services", space, name)
        if found is None:
            yield Finding(
                "webhook_service",
                about,
                about,
                f"The webhook {called} calls the service {name} in {space}, which does not exist, {follows}.",
                weight,
                (rules,),
                advice="Install what answers it again, or delete the configuration.",
                look=(described(about), line("get", "services", namespace=space)),
            )
            continue
        pods = snapshot.pods(space, labels(found, "spec", "selector"))
        ready = any(condition(pod, "Ready").get("status") == "True" for pod in pods)
        if snapshot.knows("pods") and labels(found, "spec", "selector") and not ready:
            roots = tuple(dict.fromkeys(snapshot.root(pod, "Pod") for pod in pods))
            yield Finding(
                "webhook_unanswered",
                about,
                about,
                f"The webhook {called} has no answer: no pod of the service {name} in {space} is ready, {follows}.",
                weight,
                (rules,),
                look=(described(behind),),
                symptom=True,
                through=(*roots, behind),
            )


def _rules(hook: Obj) -> str:
    return ", ".join(
        f"{'/'.join(str(each) for each in rule.get('operations') or ())}"
        f" {', '.join(str(each) for each in rule.get('resources') or ())}"
        for rule in items(hook, "rules")[:3]
    )

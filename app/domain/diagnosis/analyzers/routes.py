"""Gateway API: routes that lead nowhere, and gateways that nobody serves or that do not take what they are given."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DEGRADED, DOWN, FAILING, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched_at
from app.domain.diagnosis.shapes import Obj, items, name_of, namespace_of, number, text
from app.domain.diagnosis.snapshot import Snapshot

_REFUSALS = ("Accepted", "ResolvedRefs", "Programmed")


def route(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """What is wrong with an HTTPRoute."""
    about = Ref("HTTPRoute", name_of(found), namespace_of(found))
    said = [*_parents(snapshot, found, about)]
    for rule_at, rule in enumerate(items(found, "spec", "rules")):
        for backend_at, backend in enumerate(items(rule, "backendRefs")):
            pointer = f"/spec/rules/{rule_at}/backendRefs/{backend_at}"
            said += _backend(snapshot, about, pointer, backend)
    yield from said
    if not said:
        for parent in items(found, "status", "parents"):
            by = f"gateway/{text(parent, 'parentRef', 'name')}"
            yield from _refused(about, items(parent, "conditions"), f"{by} does not take {about.path}")


def gateway(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """What is wrong with a Gateway."""
    about = Ref("Gateway", name_of(found), namespace_of(found))
    wanted = text(found, "spec", "gatewayClassName")
    known = [name_of(each) for each in snapshot.of("gatewayclasses")]
    if snapshot.knows("gatewayclasses") and wanted not in known:
        near = nearest(wanted, known, 1) or (known if len(known) == 1 else [])
        yield Finding(
            "gateway_class",
            about,
            about,
            f"Nobody serves {about.path}: its gateway class {wanted or '(none)'} does not exist.",
            DOWN,
            (Evidence(f"There are the classes {', '.join(sorted(known)) or '(none)'}.", "gateway classes"),),
            (patched_at(about, "/spec/gatewayClassName", near[0]),) if near and wanted else (),
            "" if near and wanted else "Install a controller that serves this class, or name one that there is.",
            (described(about), line("get", "gatewayclasses")),
        )
        return
    for listener in items(found, "spec", "listeners"):
        yield from _certificates(snapshot, about, listener)
    yield from _refused(about, items(found, "status", "conditions"), f"Its controller does not serve {about.path}")


def _parents(snapshot: Snapshot, found: Obj, about: Ref) -> Iterator[Finding]:
    for at, parent in enumerate(items(found, "spec", "parentRefs")):
        name, space = text(parent, "name"), text(parent, "namespace") or about.namespace
        kind = text(parent, "kind") or "Gateway"
        if kind != "Gateway" or not name or not _sees(snapshot, "gateways", space):
            continue
        if snapshot.find("gateways", space, name) is None:
            near = nearest(name, snapshot.names("gateways", space), 1)
            yield Finding(
                "no_gateway",
                about,
                about,
                f"Nobody serves {about.path}: the gateway {name} of {space} does not exist.",
                DOWN,
                (Evidence(f"It wants to be served by {name}.", f"spec of {about.path}"),),
                (patched_at(about, f"/spec/parentRefs/{at}/name", near[0]),) if near else (),
                "" if near else f"Create the gateway {name}, or correct its name.",
                (described(about), line("get", "gateways", namespace=space)),
            )


def _backend(snapshot: Snapshot, about: Ref, pointer: str, backend: Obj) -> Iterator[Finding]:
    name, space = text(backend, "name"), text(backend, "namespace") or about.namespace
    is_service = (text(backend, "kind") or "Service") == "Service" and not text(backend, "group")
    if not is_service or not name or not _sees(snapshot, "services", space):
        return
    look = (described(about), line("get", "services", namespace=space))
    service = snapshot.find("services", space, name)
    if service is None:
        near = nearest(name, snapshot.names("services", space), 1)
        yield Finding(
            "backend_service",
            about,
            about,
            f"{about.path} sends to the service {name}, which does not exist.",
            DOWN,
            (Evidence(f"A rule leads to {name} in {space}.", f"spec of {about.path}"),),
            (patched_at(about, f"{pointer}/name", near[0]),) if near else (),
            "" if near else f"Create the service {name}, or correct its name.",
            look,
        )
        return
    wanted, ports = number(backend, "port"), [number(each, "port") for each in items(service, "spec", "ports")]
    if wanted and wanted not in ports:
        listed = ", ".join(str(each) for each in ports) or "none"
        yield Finding(
            "backend_port",
            about,
            about,
            f"{about.path} sends to port {wanted} of the service {name}, which has no such port.",
            DOWN,
            (Evidence(f"service/{name} has the ports {listed}.", f"spec of service/{name}"),),
            (patched_at(about, f"{pointer}/port", ports[0]),) if len(ports) == 1 else (),
            "" if len(ports) == 1 else "Correct the port.",
            look,
        )


def _certificates(snapshot: Snapshot, about: Ref, listener: Obj) -> Iterator[Finding]:
    for each in items(listener, "tls", "certificateRefs"):
        name, space = text(each, "name"), text(each, "namespace") or about.namespace
        if not name or not _sees(snapshot, "secrets", space) or snapshot.find("secrets", space, name) is not None:
            continue
        yield Finding(
            "tls_secret",
            about,
            about,
            f"{about.path} has no certificate for its listener {text(listener, 'name')}: the secret {name} does not"
            " exist.",
            DEGRADED,
            (Evidence(f"It is for {text(listener, 'hostname') or 'all hosts'}.", f"spec of {about.path}"),),
            advice=f"Create the secret {name} of type kubernetes.io/tls, or see why whoever issues it has not.",
            look=(described(about), line("get", "secrets", namespace=space)),
        )


def _refused(about: Ref, conditions: list[Obj], said: str) -> Iterator[Finding]:
    for each in conditions:
        kind, reason, message = text(each, "type"), text(each, "reason"), text(each, "message")
        if kind in _REFUSALS and each.get("status") == "False":
            yield Finding(
                "gateway_refusal",
                about,
                about,
                f"{said}: {reason or kind}.",
                FAILING,
                (Evidence(message or f"{kind} is False.", f"status of {about.path}"),),
                advice="Its controller says what is wrong in the message.",
                look=(described(about),),
            )
            return


def _sees(snapshot: Snapshot, plural: str, namespace: str) -> bool:
    """Whether all objects of a kind in a namespace were read, so that one that is missing is missing there."""
    return snapshot.knows(plural) and snapshot.namespace in {"", namespace}

"""Ingresses that lead nowhere: to a service or a port that does not exist, by a class nobody serves, without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DEGRADED, DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched, patched_at
from app.domain.diagnosis.shapes import Obj, items, labels, mapping, name_of, namespace_of, number, text
from app.domain.diagnosis.snapshot import Snapshot

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def look(snapshot: Snapshot, ingress: Obj) -> Iterator[Finding]:
    """What is wrong with an ingress."""
    about = Ref("Ingress", name_of(ingress), namespace_of(ingress))
    yield from _class(snapshot, ingress, about)
    for pointer, backend, where in _backends(ingress):
        yield from _backend(snapshot, about, pointer, backend, where)
    for tls in items(ingress, "spec", "tls"):
        secret = text(tls, "secretName")
        if secret and snapshot.knows("secrets") and snapshot.find("secrets", about.namespace, secret) is None:
            hosts = ", ".join(str(each) for each in tls.get("hosts") or ()) or "its hosts"
            yield Finding(
                "tls_secret",
                about,
                about,
                f"{about.path} has no certificate: its secret {secret} does not exist.",
                DEGRADED,
                (Evidence(f"It is for {hosts}.", f"spec of {about.path}"),),
                advice=f"Create the secret {secret} of type kubernetes.io/tls, or see why whoever issues it has not.",
                look=(described(about), line("get", "secrets", namespace=about.namespace)),
            )


def _class(snapshot: Snapshot, ingress: Obj, about: Ref) -> Iterator[Finding]:
    if not snapshot.knows("ingressclasses"):
        return
    known = [name_of(each) for each in snapshot.of("ingressclasses")]
    wanted = text(ingress, "spec", "ingressClassName")
    older = labels(ingress, "metadata", "annotations").get(CLASS_ANNOTATION, "")
    evidence = (Evidence(f"There are the classes {', '.join(sorted(known)) or '(none)'}.", "ingress classes"),)
    look_at = (described(about), line("get", "ingressclasses"))
    if wanted and wanted not in known:
        near = nearest(wanted, known, 1) or (known if len(known) == 1 else [])
        fixes = (patched(about, {"spec": {"ingressClassName": near[0]}}),) if near else ()
        yield Finding(
            "ingress_class",
            about,
            about,
            f"Nobody serves {about.path}: its ingress class {wanted} does not exist.",
            DOWN,
            evidence,
            fixes,
            "" if near else "Install an ingress controller that serves this class.",
            look_at,
        )
    elif not wanted and not older:
        default = any(
            labels(each, "metadata", "annotations").get(DEFAULT_CLASS) == "true"
            for each in snapshot.of("ingressclasses")
        )
        if not default:
            fixes = (patched(about, {"spec": {"ingressClassName": known[0]}}),) if len(known) == 1 else ()
            yield Finding(
                "no_ingress_class",
                about,
                about,
                f"Nobody may serve {about.path}: it names no ingress class, and there is no default one.",
                DEGRADED,
                evidence,
                fixes,
                "" if fixes else "Name the class of the controller that is to serve it.",
                look_at,
            )


def _backends(ingress: Obj) -> Iterator[tuple[str, Obj, str]]:
    """Each backend with its JSON pointer, and what is sent there."""
    default = mapping(ingress, "spec", "defaultBackend")
    if default:
        yield "/spec/defaultBackend", default, "everything else"
    for rule_at, rule in enumerate(items(ingress, "spec", "rules")):
        for path_at, path in enumerate(items(rule, "http", "paths")):
            where = f"{text(rule, 'host') or '*'}{text(path, 'path') or '/'}"
            yield f"/spec/rules/{rule_at}/http/paths/{path_at}/backend", mapping(path, "backend"), where


def _backend(snapshot: Snapshot, about: Ref, pointer: str, backend: Obj, where: str) -> Iterator[Finding]:
    wanted = text(backend, "service", "name")
    if not wanted or not snapshot.knows("services"):
        return
    service = snapshot.find("services", about.namespace, wanted)
    if service is None:
        known = snapshot.names("services", about.namespace)
        near = nearest(wanted, known, 1)
        yield Finding(
            "backend_service",
            about,
            about,
            f"{about.path} sends {where} to the service {wanted}, which does not exist.",
            DOWN,
            (Evidence(f"{where} leads to {wanted}.", f"spec of {about.path}"),),
            (patched_at(about, f"{pointer}/service/name", near[0]),) if near else (),
            "" if near else f"Create the service {wanted}, or correct its name.",
            (described(about), line("get", "services", namespace=about.namespace)),
        )
        return
    port = mapping(backend, "service", "port")
    ports = items(service, "spec", "ports")
    name, value = text(port, "name"), number(port, "number")
    if (name and all(text(each, "name") != name for each in ports)) or (
        value and all(number(each, "port") != value for each in ports)
    ):
        listed = ", ".join(f"{number(each, 'port')} {text(each, 'name')}".strip() for each in ports) or "none"
        one = number(ports[0], "port") if len(ports) == 1 else 0
        fixes = (patched_at(about, f"{pointer}/service/port", {"number": one}),) if one else ()
        yield Finding(
            "backend_port",
            about,
            about,
            f"{about.path} sends {where} to port {name or value} of the service {wanted}, which has no such port.",
            DOWN,
            (Evidence(f"service/{wanted} has the ports {listed}.", f"spec of service/{wanted}"),),
            fixes,
            "" if fixes else "Correct the port.",
            (described(about), described(Ref("Service", wanted, about.namespace))),
        )

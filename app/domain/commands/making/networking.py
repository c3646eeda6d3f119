"""Services and ingresses as kubectl makes them."""

from __future__ import annotations

from typing import Any

from app.domain.commands import checks
from app.domain.commands.making.values import JsonObject, key_values, needed, whole
from app.domain.commands.model.creation import Expose, Making
from app.errors import InvalidInputError

HIGHEST_PORT = 65535
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
PROTOCOLS = ("TCP", "UDP", "SCTP")


def cluster_ip(asked: Making) -> JsonObject:
    """Create service clusterip; `--clusterip=None` makes a headless one."""
    found = _service(asked, "ClusterIP", ports_needed=asked.one("clusterip") != "None")
    if asked.one("clusterip"):
        found["spec"]["clusterIP"] = asked.one("clusterip")
    return found


def node_port(asked: Making) -> JsonObject:
    """Create service nodeport."""
    found = _service(asked, "NodePort")
    if asked.one("node-port"):
        for port in found["spec"]["ports"]:
            port["nodePort"] = whole(asked, "node-port", most=HIGHEST_PORT)
    return found


def load_balancer(asked: Making) -> JsonObject:
    """Create service loadbalancer."""
    return _service(asked, "LoadBalancer")


def external_name(asked: Making) -> JsonObject:
    """Create service externalname."""
    needed(asked, "external-name", "create service externalname")
    found = _service(asked, "ExternalName", ports_needed=False)
    found["spec"]["externalName"] = checks.name(asked.one("external-name"))
    return found


def _service(asked: Making, kind: str, *, ports_needed: bool = True) -> JsonObject:
    ports = [_port(word) for word in asked.parts_of("tcp")]
    if ports_needed and not ports:
        raise InvalidInputError(
            "kubectl create service needs --tcp=PORT or --tcp=PORT:TARGET.", code="missing_argument"
        )
    labels = {"app": asked.name}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": asked.name, "labels": labels},
        "spec": {"type": kind, "selector": labels, **({"ports": ports} if ports else {})},
    }


def _port(word: str) -> JsonObject:
    port, colon, target = word.partition(":")
    number = checks.number(port, "tcp", HIGHEST_PORT)
    return {
        "name": word.replace(":", "-"),
        "protocol": "TCP",
        "port": number,
        "targetPort": _target(target, "tcp") if colon else number,
    }


def _target(word: str, flag: str) -> int | str:
    return checks.number(word, flag, HIGHEST_PORT) if word.isdigit() else checks.name(word)


def service_of(asked: Expose, item: JsonObject | None) -> JsonObject:
    """expose; without the object that is exposed only the flags are checked."""
    kind = checks.one_of(asked.one("type", "ClusterIP"), "type", TYPES)
    protocol = asked.one("protocol")
    if protocol:
        checks.one_of(protocol, "protocol", PROTOCOLS)
    numbers = [checks.number(word, "port", HIGHEST_PORT) for word in asked.parts_of("port")]
    target = asked.one("target-port")
    wanted = _target(target, "target-port") if target else None
    spec: JsonObject = {"selector": _selector(asked, item)}
    ports = [(number, protocol or _protocol(item, number)) for number in numbers] or _ports(item, protocol)
    if item is not None and not ports:
        raise InvalidInputError(f"{asked.target} names no port; say which one with --port.", code="missing_argument")
    spec["ports"] = [
        {
            **({"name": f"port-{index}"} if len(ports) > 1 else {}),
            "port": number,
            "protocol": via,
            "targetPort": number if wanted is None else wanted,
        }
        for index, (number, via) in enumerate(ports, 1)
    ]
    if kind != "ClusterIP" or asked.one("type"):
        spec["type"] = kind
    for flag, field in (
        ("cluster-ip", "clusterIP"),
        ("load-balancer-ip", "loadBalancerIP"),
        ("session-affinity", "sessionAffinity"),
    ):
        if asked.one(flag):
            spec[field] = asked.one(flag)
    if asked.one("external-ip"):
        spec["externalIPs"] = [asked.one("external-ip")]
    labels = key_values(asked.parts_of("labels"), "labels") or ((item or {}).get("metadata") or {}).get("labels") or {}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": asked.name or asked.target.name, **({"labels": labels} if labels else {})},
        "spec": spec,
    }


def _selector(asked: Expose, item: JsonObject | None) -> dict[str, str]:
    if asked.one("selector"):
        return key_values(asked.parts_of("selector"), "selector")
    if item is None:
        return {}
    spec = item.get("spec") or {}
    if item["kind"] == "Pod":
        found = item["metadata"].get("labels") or {}
    elif item["kind"] in {"Service", "ReplicationController"}:
        found = spec.get("selector") or {}
    else:
        selector = spec.get("selector") or {}
        if selector.get("matchExpressions"):
            raise InvalidInputError(
                f"The selector of {asked.target} cannot be said in a Service's words; give --selector.",
                code="missing_argument",
            )
        found = selector.get("matchLabels") or {}
    if not found:
        raise InvalidInputError(f"{asked.target} has no labels to select by; give --selector.", code="missing_argument")
    return dict(found)


def _containers(item: JsonObject | None) -> list[Any]:
    spec = (item or {}).get("spec") or {}
    template = spec if (item or {}).get("kind") == "Pod" else (spec.get("template") or {}).get("spec") or {}
    return list(template.get("containers") or ())


def _ports(item: JsonObject | None, protocol: str) -> list[tuple[int, str]]:
    if (item or {}).get("kind") == "Service":
        listed = ((item or {}).get("spec") or {}).get("ports") or ()
        return [(int(port["port"]), protocol or str(port.get("protocol") or "TCP")) for port in listed]
    return [
        (int(port["containerPort"]), protocol or str(port.get("protocol") or "TCP"))
        for container in _containers(item)
        for port in container.get("ports") or ()
    ]


def _protocol(item: JsonObject | None, number: int) -> str:
    return next((via for port, via in _ports(item, "") if port == number), "TCP")


def ingress(asked: Making) -> JsonObject:
    """Create ingress."""
    default = asked.one("default-backend")
    if not asked.all_of("rule") and not default:
        raise InvalidInputError(
            'kubectl create ingress needs --rule="HOST/PATH=SERVICE:PORT" or --default-backend=SERVICE:PORT.',
            code="missing_argument",
        )
    spec: JsonObject = {}
    if asked.one("class"):
        spec["ingressClassName"] = checks.name(asked.one("class"))
    if default:
        spec["defaultBackend"] = _backend(default)
    hosts: dict[str, list[JsonObject]] = {}
    secured: dict[str, list[str]] = {}
    for rule in asked.all_of("rule"):
        host, path, tls = _rule(rule)
        hosts.setdefault(host, []).append(path)
        if tls is not None and host not in secured.setdefault(tls, []):
            secured[tls].append(host)
    if hosts:
        spec["rules"] = [
            {**({"host": host} if host else {}), "http": {"paths": paths}} for host, paths in hosts.items()
        ]
    if secured:
        spec["tls"] = [
            {**({"hosts": [h for h in names if h]} if any(names) else {}), **({"secretName": secret} if secret else {})}
            for secret, names in secured.items()
        ]
    annotations = key_values(asked.all_of("annotation"), "annotation")
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": asked.name, **({"annotations": annotations} if annotations else {})},
        "spec": spec,
    }


def _rule(text: str) -> tuple[str, JsonObject, str | None]:
    """`HOST/PATH*=SERVICE:PORT[,tls[=SECRET]]`."""
    place, equals, rest = text.partition("=")
    backend, comma, tls = rest.partition(",")
    host, slash, path = place.partition("/")
    if not equals or not slash or (comma and tls.partition("=")[0] != "tls"):
        raise InvalidInputError(
            f'--rule is HOST/PATH=SERVICE:PORT[,tls=SECRET]; "{text[:80]}" is not.', code="invalid_flag"
        )
    prefix = path.endswith("*")
    found = {
        "path": f"/{path.removesuffix('*')}",
        "pathType": "Prefix" if prefix else "Exact",
        "backend": _backend(backend),
    }
    return host, found, tls.partition("=")[2] if comma else None


def _backend(text: str) -> JsonObject:
    name, colon, port = text.partition(":")
    if not colon:
        raise InvalidInputError(f'A backend is SERVICE:PORT; "{text[:80]}" is not.', code="invalid_flag")
    reference: JsonObject = {"number": checks.number(port, "rule", HIGHEST_PORT)} if port.isdigit() else {"name": port}
    return {"service": {"name": checks.name(name), "port": reference}}

"""What ResourceQuotas allow: counted over a namespace's objects, and refused in the API server's own words.

Counted are pods and what they ask for and may use, and objects by their type; a quota with scopes is not understood
and says so when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Final

from app.demo.cluster import Cluster
from app.demo.kinds import Kind, named
from app.demo.objects import Obj, name_of, namespace_of
from app.demo.quantities import quantity
from app.demo.status import forbidden, not_implemented

_COMPUTE: Final = ("cpu", "memory")
_COUNTED: Final = frozenset(
    {"pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"}
)
_OVER: Final = frozenset({"Succeeded", "Failed"})
_SUFFIXES: Final = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


def check_quota(quota: Obj) -> None:
    """Refuse to take a quota that would not be enforced.

    Raises:
        StatusError: 501 for one with scopes.
    """
    spec = quota.get("spec") or {}
    if spec.get("scopes") or spec.get("scopeSelector"):
        raise not_implemented("resource quotas with scopes")


def check_usage(cluster: Cluster, kind: Kind, obj: Obj) -> None:
    """Refuse a new object for which a quota leaves no room; as the admission plugin ResourceQuota does.

    Raises:
        StatusError: 403.
    """
    for quota in cluster.store.all("resourcequotas", namespace_of(obj)):
        hard = (quota.get("spec") or {}).get("hard") or {}
        asked = {name: amount for name, amount in usage_of(kind, obj).items() if name in hard}
        missing = _unset(obj, hard) if kind.kind == "Pod" else ""
        if missing:
            raise forbidden(kind, name_of(obj), f"failed quota: {name_of(quota)}: must specify {missing}")
        used = used_of(cluster, quota)
        over = [name for name, amount in asked.items() if amount and used[name] + amount > quantity(hard[name])]
        if over:
            parts = {"requested": asked, "used": used, "limited": {name: quantity(hard[name]) for name in over}}
            said = (f"{part}: {_written(of, over)}" for part, of in parts.items())
            raise forbidden(kind, name_of(obj), f"exceeded quota: {name_of(quota)}, {', '.join(said)}")


def used_of(cluster: Cluster, quota: Obj) -> dict[str, Decimal]:
    """What is used of everything that a quota bounds."""
    hard = (quota.get("spec") or {}).get("hard") or {}
    used = dict.fromkeys(hard, Decimal(0))
    for kind in _kinds_of(hard):
        for obj in cluster.store.all(kind.key, namespace_of(quota)):
            for name, amount in usage_of(kind, obj).items():
                if name in used:
                    used[name] += amount
    return used


def _kinds_of(hard: Iterable[str]) -> list[Kind]:
    """The kinds whose objects a quota counts."""
    found: dict[str, Kind] = {}
    for name in hard:
        resource = name.removeprefix("count/")
        resource = "pods" if resource.rpartition(".")[2] in _COMPUTE else resource
        with suppress(KeyError):
            found[resource] = named(resource)
    return list(found.values())


def status_of(cluster: Cluster, quota: Obj) -> Obj:
    """A quota's status."""
    hard = (quota.get("spec") or {}).get("hard") or {}
    used = used_of(cluster, quota)
    return {"hard": dict(hard), "used": {name: written(name, used[name]) for name in hard}}


def usage_of(kind: Kind, obj: Obj) -> dict[str, Decimal]:
    """What one object takes of quotas."""
    plural, group = kind.resource.partition(".")[0], kind.group
    used = {f"count/{plural}.{group}" if group else f"count/{plural}": Decimal(1)}
    if not group and plural in _COUNTED:
        used[plural] = Decimal(1)
    if kind.kind != "Pod":
        return used
    if (obj.get("status") or {}).get("phase") in _OVER:
        return {name: amount for name, amount in used.items() if name.startswith("count/")}
    for part in ("requests", "limits"):
        for name, amount in _of_containers(obj, part).items():
            if name in _COMPUTE:
                used[f"{part}.{name}"] = amount
                if part == "requests":
                    used[name] = amount
    return used


def _of_containers(pod: Obj, part: str) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for container in pod["spec"].get("containers") or ():
        for name, amount in ((container.get("resources") or {}).get(part) or {}).items():
            total[name] = total.get(name, Decimal(0)) + quantity(amount)
    for container in pod["spec"].get("initContainers") or ():
        for name, amount in ((container.get("resources") or {}).get(part) or {}).items():
            total[name] = max(total.get(name, Decimal(0)), quantity(amount))
    return total


def _unset(pod: Obj, hard: Obj) -> str:
    """What containers have to say because a quota bounds it: "limits.cpu for: main; requests.cpu for: main"."""
    missing: dict[str, list[str]] = {}
    for container in (*(pod["spec"].get("initContainers") or ()), *(pod["spec"].get("containers") or ())):
        resources = container.get("resources") or {}
        for name in hard:
            part, _, what = name.rpartition(".")
            if what in _COMPUTE and part in {"", "requests", "limits"}:
                said = resources.get(part or "requests") or {}
                if what not in said:
                    missing.setdefault(name, []).append(str(container.get("name")))
    return "; ".join(f"{name} for: {','.join(sorted(set(of)))}" for name, of in sorted(missing.items()))


def _written(amounts: dict[str, Decimal], names: Iterable[str]) -> str:
    return ",".join(f"{name}={written(name, amounts[name])}" for name in sorted(names))


def written(name: str, amount: Decimal) -> str:
    """An amount in the canonical form of its resource: "1500m", "2", "128Mi"."""
    if name.rpartition(".")[2] == "memory" and amount:
        for at, suffix in enumerate(_SUFFIXES):
            whole = amount / (Decimal(1024) ** (len(_SUFFIXES) - at))
            if whole == whole.to_integral_value():
                return f"{int(whole)}{suffix}"
    if amount == amount.to_integral_value():
        return str(int(amount))
    return f"{int((amount * 1000).to_integral_value())}m"

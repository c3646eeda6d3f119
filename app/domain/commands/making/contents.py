"""ConfigMaps, Secrets, namespaces, quotas and the like as kubectl makes them."""

from __future__ import annotations

import base64
import re

from app.domain.commands import checks
from app.domain.commands.making.values import JsonObject, key_values, needed, whole
from app.domain.commands.model.creation import Making
from app.errors import InvalidInputError

_COUNT = re.compile(r"[0-9]+%?")


def config_map(asked: Making) -> JsonObject:
    """Create configmap."""
    data = key_values(asked.all_of("from-literal"), "from-literal")
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": asked.name},
        **({"data": data} if data else {}),
    }


def secret(asked: Making) -> JsonObject:
    """Create secret generic."""
    data = {
        key: base64.b64encode(value.encode()).decode()
        for key, value in key_values(asked.all_of("from-literal"), "from-literal").items()
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": asked.name},
        "type": asked.one("type", "Opaque"),
        **({"data": data} if data else {}),
    }


def namespace(asked: Making) -> JsonObject:
    """Create namespace."""
    checks.namespace(asked.name)
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": asked.name}}


def service_account(asked: Making) -> JsonObject:
    """Create serviceaccount."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": asked.name}}


def quota(asked: Making) -> JsonObject:
    """Create quota."""
    spec: JsonObject = {}
    hard = key_values(asked.parts_of("hard"), "hard")
    if hard:
        spec["hard"] = hard
    if asked.one("scopes"):
        spec["scopes"] = list(asked.parts_of("scopes"))
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": asked.name}, "spec": spec}


def disruption_budget(asked: Making) -> JsonObject:
    """Create poddisruptionbudget."""
    selector = key_values(needed(asked, "selector", "create poddisruptionbudget").split(","), "selector")
    given = [flag for flag in ("min-available", "max-unavailable") if asked.one(flag)]
    if len(given) != 1:
        raise InvalidInputError(
            "kubectl create poddisruptionbudget needs either --min-available or --max-unavailable.",
            code="invalid_flag",
        )
    (flag,) = given
    value = asked.one(flag)
    if _COUNT.fullmatch(value) is None:
        raise InvalidInputError(f'--{flag} is a number or a percentage; "{value[:40]}" is not.', code="invalid_flag")
    field = "minAvailable" if flag == "min-available" else "maxUnavailable"
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": asked.name},
        "spec": {field: int(value) if value.isdigit() else value, "selector": {"matchLabels": selector}},
    }


def priority_class(asked: Making) -> JsonObject:
    """Create priorityclass."""
    value = asked.one("value") or "0"
    number = -checks.number(value[1:], "value") if value.startswith("-") else whole(asked, "value")
    policy = asked.one("preemption-policy", "PreemptLowerPriority")
    choices = ("PreemptLowerPriority", "Never")
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": asked.name},
        "value": number,
        **({"globalDefault": True} if asked.on("global-default") else {}),
        **({"description": asked.one("description")} if asked.one("description") else {}),
        "preemptionPolicy": checks.one_of(policy, "preemption-policy", choices),
    }

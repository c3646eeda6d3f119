"""Deployments, jobs, pods and autoscalers as kubectl makes them."""

from __future__ import annotations

from typing import Any

from app.domain.commands import checks
from app.domain.commands.making.values import JsonObject, key_values, needed, whole
from app.domain.commands.model.creation import Autoscale, Making, Run
from app.errors import InvalidInputError

RESTARTS = ("Always", "OnFailure", "Never")


def deployment(asked: Making) -> JsonObject:
    """Create deployment."""
    images = asked.parts_of("image")
    if not images:
        needed(asked, "image", "create deployment")
    if len(images) > 1 and asked.program:
        raise InvalidInputError("A program after -- goes with one --image only.", code="invalid_flag")
    labels = {"app": asked.name}
    containers = [{"name": container_name(image), "image": checks.image(image)} for image in images]
    for container in containers:
        _with(container, "command", list(asked.program))
        if asked.one("port"):
            _with(container, "ports", [{"containerPort": whole(asked, "port", most=65535)}])
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": asked.name, "labels": labels},
        "spec": {
            "replicas": whole(asked, "replicas", default=1),
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


def container_name(image: str) -> str:
    """A container's name after its image: `registry/web:1.2` is `web`."""
    bare = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    return bare.replace(".", "-").replace("_", "-").lower()


def _with(item: dict[str, Any], field: str, value: Any) -> None:
    if value:
        item[field] = value


def job(asked: Making) -> JsonObject:
    """Create job --image; with --from the job is made of the cron job when that is read (`job_from`)."""
    source = asked.one("from")
    if bool(source) == bool(asked.one("image")):
        raise InvalidInputError("kubectl create job needs either --image or --from=cronjob/NAME.", code="invalid_flag")
    if source:
        kind, slash, name = source.partition("/")
        if not slash or kind not in {"cronjob", "cronjobs", "cj"}:
            raise InvalidInputError("--from names a cron job: --from=cronjob/NAME.", code="invalid_flag")
        checks.name(name)
        if asked.program:
            raise InvalidInputError("A program after -- goes with --image only.", code="invalid_flag")
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": asked.name}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": asked.name},
        "spec": {"template": _run_once(asked, "Never")},
    }


def job_from(asked: Making, cron_job: JsonObject) -> JsonObject:
    """The job that a cron job would start now, owned by it."""
    template = cron_job["spec"]["jobTemplate"]
    metadata = template.get("metadata") or {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": asked.name,
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual", **(metadata.get("annotations") or {})},
            **({"labels": metadata["labels"]} if metadata.get("labels") else {}),
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": cron_job["metadata"]["name"],
                    "uid": cron_job["metadata"]["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": template["spec"],
    }


def cron_job(asked: Making) -> JsonObject:
    """Create cronjob."""
    needed(asked, "image", "create cronjob")
    needed(asked, "schedule", "create cronjob")
    restart = checks.one_of(asked.one("restart", "OnFailure"), "restart", RESTARTS[1:])
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": asked.name},
        "spec": {
            "schedule": asked.one("schedule"),
            "jobTemplate": {"metadata": {"name": asked.name}, "spec": {"template": _run_once(asked, restart)}},
        },
    }


def _run_once(asked: Making, restart: str) -> JsonObject:
    container: dict[str, Any] = {"name": asked.name, "image": checks.image(asked.one("image"))}
    _with(container, "command", list(asked.program))
    return {"spec": {"containers": [container], "restartPolicy": restart}}


def pod(asked: Run) -> JsonObject:
    """Run."""
    needed(asked, "image", "run")
    container: dict[str, Any] = {"name": asked.name, "image": checks.image(asked.one("image"))}
    _with(container, "command" if asked.on("command") else "args", list(asked.program))
    variables = [variable.partition("=") for variable in asked.all_of("env")]
    for name, equals, _ in variables:
        if not equals:
            raise InvalidInputError(f'--env is NAME=VALUE; "{name[:60]}" is not.', code="invalid_flag")
        checks.variable(name)
    _with(container, "env", [{"name": name, "value": value} for name, _, value in variables])
    if asked.one("port"):
        container["ports"] = [{"containerPort": whole(asked, "port", most=65535)}]
    policy = asked.one("image-pull-policy")
    if policy:
        choices = ("Always", "IfNotPresent", "Never")
        container["imagePullPolicy"] = checks.one_of(policy, "image-pull-policy", choices)
    labels = key_values(asked.parts_of("labels"), "labels") or {"run": asked.name}
    annotations = key_values(asked.all_of("annotations"), "annotations")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": asked.name, "labels": labels, **({"annotations": annotations} if annotations else {})},
        "spec": {
            "containers": [container],
            "restartPolicy": checks.one_of(asked.one("restart", "Always"), "restart", RESTARTS),
            "dnsPolicy": "ClusterFirst",
        },
    }


def autoscaler_of(asked: Autoscale, api_version: str | None, kind: str = "") -> JsonObject:
    """autoscale; without the API version of what is scaled only the flags are checked."""
    needed(asked, "max", "autoscale")
    most = whole(asked, "max")
    least = whole(asked, "min", default=0)
    if most < 1 or least > most:
        raise InvalidInputError("--max is at least 1 and not below --min.", code="invalid_flag")
    spec: JsonObject = {
        "scaleTargetRef": {"apiVersion": api_version, "kind": kind, "name": asked.target.name},
        "maxReplicas": most,
    }
    if least:
        spec["minReplicas"] = least
    share = asked.one("cpu-percent")
    if share and share != "-1":
        target = {"type": "Utilization", "averageUtilization": whole(asked, "cpu-percent")}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": asked.name or asked.target.name},
        "spec": spec,
    }

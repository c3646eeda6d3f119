"""Runs pods: pulls, starts, restarts with back-off, makes ready, and stops them. One kubelet plays all nodes.

What it knows of a pod is in the pod's status, so it takes over pods that were there before it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from app.demo.clock import moment_of, stamp
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.containers import Container, Stage
from app.demo.controllers.images import Script, is_reference, pull_failure, script_of
from app.demo.controllers.mounts import configuration_problem, volume_problem
from app.demo.controllers.recorder import Recorder
from app.demo.objects import Obj, condition, dig, fraction, is_terminating, name_of, namespace_of, uid_of
from app.demo.store import Change

_COMPONENT: Final = "kubelet"
_RETRY_S: Final = 15
_PRESENT_S: Final = (0.9, 1.9)  # to set a pod up when its image is on the node
_PULL_S: Final = (1.4, 3.6)
_STOP_S: Final = (0.8, 2.2)  # how long processes take to end after SIGTERM


class Kubelet:
    """The kubelet of every node.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "kubelet"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder
        self._containers: dict[str, list[Container]] = {}
        self._stopping: dict[str, datetime] = {}
        self._images: set[tuple[str, str]] = set()
        self._addresses = 10

    def affected(self, change: Change) -> Iterable[Key]:
        """Pods that were placed, deleted, or changed by somebody else."""
        if change.key == "pods":
            if change.type == "DELETED":
                self._containers.pop(uid_of(change.obj), None)
                self._stopping.pop(uid_of(change.obj), None)
            elif change.obj["spec"].get("nodeName"):
                before = change.before or {}
                ours = before.get("spec") == change.obj["spec"] and dig(before, "metadata", "deletionTimestamp") == dig(
                    change.obj, "metadata", "deletionTimestamp"
                )
                if not ours:
                    yield namespace_of(change.obj), name_of(change.obj)
        elif change.key in {"configmaps", "secrets"} and change.type != "DELETED":
            for pod in self._cluster.store.all("pods", namespace_of(change.obj)):
                if dig(pod, "status", "phase") == "Pending" and pod["spec"].get("nodeName"):
                    yield namespace_of(pod), name_of(pod)

    def reconcile(self, namespace: str, name: str) -> None:
        """Take the steps of a pod that are due, write its status, and come back for the next one."""
        pod = self._cluster.get("pods", namespace, name)
        if pod is None or not pod["spec"].get("nodeName"):
            return
        if is_terminating(pod):
            self._stop(pod)
            return
        if dig(pod, "status", "phase") in {"Succeeded", "Failed"}:
            return
        containers = self._known(pod)
        # A step may make another one possible at once: an init container's end starts the next container.
        for _ in range(len(containers) + 2):
            if not self._step_all(pod, containers):
                break
        self._write(pod, containers)
        due = min((entry.due for entry in containers if entry.due is not None), default=None)
        if due is not None:
            left = max(0.02, (due - self._cluster.now).total_seconds())
            self._cluster.soon(self, namespace, name, left)

    def start_over(self, pod: Obj) -> list[Container]:
        """The containers of a pod that has not begun."""
        spec = pod["spec"]
        made = [Container(entry, True) for entry in spec.get("initContainers") or ()]
        return made + [Container(entry, False) for entry in spec["containers"]]

    def _known(self, pod: Obj) -> list[Container]:
        known = self._containers.get(uid_of(pod))
        if known is None:
            statuses = {
                entry["name"]: entry
                for field in ("initContainerStatuses", "containerStatuses")
                for entry in dig(pod, "status", field, default=())
            }
            if statuses:
                known = [
                    Container.read(entry.spec, statuses[entry.name], init=entry.init)
                    for entry in self.start_over(pod)
                    if entry.name in statuses
                ]
                self._images.update((pod["spec"]["nodeName"], str(entry.spec["image"])) for entry in known)
            else:
                known = self.start_over(pod)
            self._containers[uid_of(pod)] = known
        specs = {
            entry["name"]: entry for field in ("initContainers", "containers") for entry in pod["spec"].get(field) or ()
        }
        for entry in known:
            spec = specs.get(entry.name, entry.spec)
            if entry.spec.get("image") != spec.get("image") and not entry.init:
                self._replace_image(entry)
            entry.spec = spec
        return known

    def _replace_image(self, container: Container) -> None:
        if container.stage is Stage.RUNNING:
            container.end(self._cluster.now, 0)
            container.restarts += 1
        container.stage, container.due, container.pull_attempts = Stage.WAITING, None, 0
        container.reason, container.message = "ContainerCreating", ""

    def _step_all(self, pod: Obj, containers: list[Container]) -> bool:
        moved = False
        inits = [entry for entry in containers if entry.init]
        for index, entry in enumerate(inits):
            if all(other.succeeded for other in inits[:index]):
                moved |= self._step(pod, entry)
        for entry in containers:
            if not entry.init:
                if all(other.succeeded for other in inits):
                    moved |= self._step(pod, entry)
                elif entry.stage is Stage.WAITING:
                    entry.reason = "PodInitializing"
        return moved

    def _step(self, pod: Obj, container: Container) -> bool:
        now = self._cluster.now
        if container.due is not None and container.due > now:
            return False
        match container.stage:
            case Stage.WAITING:
                return self._prepare(pod, container)
            case Stage.PULLING:
                return self._pulled(pod, container)
            case Stage.PULL_FAILED:
                return self._pull_again(pod, container)
            case Stage.RUNNING:
                return self._run(pod, container)
            case Stage.ENDED:
                return self._after_end(pod, container)
            case Stage.BACKING_OFF:
                return self._restart(pod, container)

    def _prepare(self, pod: Obj, container: Container) -> bool:
        problem = volume_problem(self._cluster, pod)
        if problem is not None:
            container.due = self._cluster.now + timedelta(seconds=_RETRY_S)
            self._event(pod, "FailedMount", problem, warning=True)
            return False
        image = str(container.spec.get("image", ""))
        if not is_reference(image):
            container.reason = "InvalidImageName"
            container.message = f'Failed to apply default image tag "{image}": couldn\'t parse image name'
            self._event(pod, "InspectFailed", container.message, warning=True, container=container.name)
            container.due = None
            return False
        present = (pod["spec"]["nodeName"], image) in self._images
        fresh = present and container.spec.get("imagePullPolicy") != "Always"
        low, high = _PRESENT_S if fresh else _PULL_S
        if not fresh:
            self._event(pod, "Pulling", f'Pulling image "{image}"', container=container.name)
        container.stage = Stage.PULLING
        container.due = self._cluster.now + timedelta(seconds=self._cluster.ids.between(low, high))
        return False

    def _pulled(self, pod: Obj, container: Container) -> bool:
        image = str(container.spec["image"])
        why = pull_failure(image)
        if why is not None:
            self._pull_failed(pod, container, why)
            return True
        key = (pod["spec"]["nodeName"], image)
        if key in self._images and container.spec.get("imagePullPolicy") != "Always":
            message = f'Container image "{image}" already present on machine'
        else:
            took = 800 + int(900 * fraction(image))
            times = f"in {took}ms ({took}ms including waiting). Image size: {_size(image)} bytes."
            message = f'Successfully pulled image "{image}" {times}'
        self._images.add(key)
        self._event(pod, "Pulled", message, container=container.name)
        problem = configuration_problem(self._cluster, pod, container.spec)
        if problem is not None:
            container.stage, container.reason, container.message = Stage.WAITING, "CreateContainerConfigError", problem
            container.due = self._cluster.now + timedelta(seconds=_RETRY_S)
            self._event(pod, "Failed", f"Error: {problem}", warning=True, container=container.name)
            return False
        self._start(pod, container)
        return True

    def _pull_failed(self, pod: Obj, container: Container, why: str) -> None:
        image = str(container.spec["image"])
        container.stage = Stage.PULL_FAILED
        container.pull_attempts += 1
        container.reason = "ErrImagePull"
        container.message = f"rpc error: code = NotFound desc = {why}"
        container.due = self._cluster.now + timedelta(seconds=2)
        message = f'Failed to pull image "{image}": {container.message}'
        self._event(pod, "Failed", message, warning=True, container=container.name)
        self._event(pod, "Failed", "Error: ErrImagePull", warning=True, container=container.name)

    def _pull_again(self, pod: Obj, container: Container) -> bool:
        image = str(container.spec["image"])
        if container.reason == "ErrImagePull":
            container.reason = "ImagePullBackOff"
            why = pull_failure(image) or ""
            container.message = (
                f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = NotFound desc = {why}'
            )
            container.due = self._cluster.now + timedelta(seconds=container.pull_backoff_s())
            backoff = f'Back-off pulling image "{image}"'
            self._event(pod, "BackOff", backoff, container=container.name)
            self._event(pod, "Failed", "Error: ImagePullBackOff", warning=True, container=container.name)
            return False
        if container.due is None:
            container.due = self._cluster.now + timedelta(seconds=container.pull_backoff_s())
            return False
        self._event(pod, "Pulling", f'Pulling image "{image}"', container=container.name)
        container.stage = Stage.PULLING
        container.due = self._cluster.now + timedelta(seconds=0.6)
        return False

    def _start(self, pod: Obj, container: Container) -> None:
        now = self._cluster.now
        container.stage, container.started = Stage.RUNNING, now
        container.image = str(container.spec["image"])
        container.ready = False
        self._event(pod, "Created", f"Created container: {container.name}", container=container.name)
        self._event(pod, "Started", f"Started container {container.name}", container=container.name)
        script = self._script(pod, container)
        if script.run_s is not None:
            container.due = now + timedelta(seconds=script.run_s)
        else:
            ready_s = script.ready_s + self._cluster.ids.between(0, 0.8)
            container.due = now + timedelta(seconds=ready_s)

    def _script(self, pod: Obj, container: Container) -> Script:
        finite = container.init or pod["spec"].get("restartPolicy") != "Always"
        return script_of(container.spec, finite=finite)

    def _run(self, pod: Obj, container: Container) -> bool:
        script = self._script(pod, container)
        if script.run_s is None:
            moved = not container.ready
            container.ready, container.due = True, None
            return moved
        if container.due is None:
            container.due = (container.started or self._cluster.now) + timedelta(seconds=script.run_s)
            return False
        container.end(self._cluster.now, script.exit_code)
        container.due = None
        return True

    def _after_end(self, pod: Obj, container: Container) -> bool:
        policy = pod["spec"].get("restartPolicy")
        over = container.exit_code == 0 if container.init or policy == "OnFailure" else False
        if over or policy == "Never":
            container.due = None
            return False
        # The first restart is immediate; later ones wait.
        if container.failures <= 1:
            container.due = None
            container.restarts += 1
            self._start(pod, container)
            return True
        if container.due is None:
            container.due = self._cluster.now + timedelta(seconds=1.5)
            return False
        container.stage, container.reason = Stage.BACKING_OFF, "CrashLoopBackOff"
        wait = container.backoff_s()
        where = f"{name_of(pod)}_{namespace_of(pod)}({uid_of(pod)})"
        shown = f"{wait // 60}m{wait % 60}s" if wait >= 60 else f"{wait}s"
        container.message = f"back-off {shown} restarting failed container={container.name} pod={where}"
        container.due = (container.finished or self._cluster.now) + timedelta(seconds=wait)
        message = f"Back-off restarting failed container {container.name} in pod {where}"
        self._event(pod, "BackOff", message, warning=True, container=container.name)
        return False

    def _restart(self, pod: Obj, container: Container) -> bool:
        container.restarts += 1
        image = container.spec["image"]
        self._event(pod, "Pulled", f'Container image "{image}" already present on machine', container=container.name)
        self._start(pod, container)
        return True

    def _stop(self, pod: Obj) -> None:
        now = self._cluster.now
        end = self._stopping.get(uid_of(pod))
        limit = moment_of(pod["metadata"]["deletionTimestamp"])
        if end is None:
            for entry in pod["spec"]["containers"]:
                self._event(pod, "Killing", f"Stopping container {entry['name']}", container=entry["name"])
            low, high = _STOP_S
            end = now + timedelta(seconds=self._cluster.ids.between(low, high))
        end = min(end, max(limit, now))
        self._stopping[uid_of(pod)] = end
        if now < end:
            self._cluster.soon(self, namespace_of(pod), name_of(pod), (end - now).total_seconds())
            return
        if not pod["metadata"].get("finalizers"):
            self._cluster.store.remove("pods", namespace_of(pod), name_of(pod))

    def _write(self, found: Obj, containers: list[Container]) -> None:
        pod = copy.deepcopy(found)
        status = pod.setdefault("status", {})
        status.setdefault("startTime", stamp(self._cluster.now))
        status["hostIP"] = self._host_address(pod)
        status["hostIPs"] = [{"ip": status["hostIP"]}]
        begun = any(entry.stage not in {Stage.WAITING, Stage.PULLING} for entry in containers)
        if begun and "podIP" not in status:
            status["podIP"] = self._address(pod, status["hostIP"])
            status["podIPs"] = [{"ip": status["podIP"]}]
        uid = uid_of(pod)
        inits = [entry.status(uid) for entry in containers if entry.init]
        if inits:
            status["initContainerStatuses"] = inits
        status["containerStatuses"] = [entry.status(uid) for entry in containers if not entry.init]
        status["phase"] = _phase(pod, containers)
        self._conditions(status, containers, begun=begun)
        self._cluster.save(PODS, pod, _COMPONENT, "status")

    def _host_address(self, pod: Obj) -> str:
        node = self._cluster.get("nodes", "", pod["spec"]["nodeName"])
        for entry in dig(node, "status", "addresses", default=()):
            if entry["type"] == "InternalIP":
                return str(entry["address"])
        return ""

    def _address(self, pod: Obj, host: str) -> str:
        if pod["spec"].get("hostNetwork"):
            return host
        self._addresses += 1
        node = self._cluster.get("nodes", "", pod["spec"]["nodeName"])
        network = str(dig(node, "spec", "podCIDR", default="10.244.9.0/24")).rpartition(".")[0]
        return f"{network}.{20 + self._addresses % 230}"

    def _conditions(self, status: Obj, containers: list[Container], *, begun: bool) -> None:
        inits_done = all(entry.succeeded for entry in containers if entry.init)
        apps = [entry for entry in containers if not entry.init]
        unready = [entry.name for entry in apps if not entry.ready]
        finished = status["phase"] == "Succeeded"
        not_ready = (
            ("PodCompleted", "")
            if finished
            else ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
        )
        uninitialized = [entry.name for entry in containers if entry.init and not entry.succeeded]
        waiting = ("ContainersNotInitialized", f"containers with incomplete status: [{' '.join(uninitialized)}]")
        values: list[tuple[str, bool, tuple[str, str]]] = [
            ("PodReadyToStartContainers", begun, ("", "")),
            ("Initialized", inits_done, waiting),
            ("Ready", not unready, not_ready),
            ("ContainersReady", not unready, not_ready),
            ("PodScheduled", True, ("", "")),
        ]
        before = {"status": status}
        entries = []
        for kind, value, (reason, message) in values:
            text = "True" if value else "False"
            earlier = condition(before, kind)
            since = stamp(self._cluster.now)
            if earlier is not None and earlier["status"] == text:
                since = earlier["lastTransitionTime"]
            entry: Obj = {"type": kind, "status": text, "lastProbeTime": None, "lastTransitionTime": since}
            if not value and reason:
                entry["reason"] = reason
                if message:
                    entry["message"] = message
            if kind == "Initialized" and finished:
                entry["reason"] = "PodCompleted"
            entries.append(entry)
        status["conditions"] = entries

    def _event(self, pod: Obj, reason: str, message: str, *, warning: bool = False, container: str = "") -> None:
        host = pod["spec"]["nodeName"]
        self._recorder.record(pod, reason, message, _COMPONENT, warning=warning, host=host, container=container)


def _phase(pod: Obj, containers: list[Container]) -> str:
    apps = [entry for entry in containers if not entry.init]
    policy = pod["spec"].get("restartPolicy")
    if any(entry.init and entry.stage is Stage.ENDED and entry.exit_code and policy == "Never" for entry in containers):
        return "Failed"
    if policy != "Always" and all(entry.stage is Stage.ENDED for entry in apps):
        final = policy == "Never" or all(entry.exit_code == 0 for entry in apps)
        if final:
            return "Succeeded" if all(entry.exit_code == 0 for entry in apps) else "Failed"
    started = any(entry.stage in {Stage.RUNNING, Stage.ENDED, Stage.BACKING_OFF} for entry in apps)
    return "Running" if started else "Pending"


def _size(image: str) -> int:
    return 20_000_000 + int(90_000_000 * fraction("size", image))

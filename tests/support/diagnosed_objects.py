"""Everything else that can be broken, in one way each, and the same where it is well."""

from __future__ import annotations

from typing import Any

from tests.support.diagnosed import Obj, ago, deployment, event, meta, node, pod, replica_set, service, unplaced
from tests.support.diagnosed_pods import OWNED, RS2, WEB, Case


def waiting(message: str, reason: str = "CreateContainerConfigError") -> Obj:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def running(**more: Any) -> Obj:
    return {"state": {"running": {"startedAt": ago(3600)}}, **more}


def named(kind: str, name: str, **more: Any) -> Obj:
    return {"kind": kind, "metadata": {"name": name, **more.pop("metadata", {})}, **more}


def placed(kind: str, name: str, **more: Any) -> Obj:
    return {"kind": kind, "metadata": meta(name, **more.pop("metadata", {})), **more}


HTTP = {"httpGet": {"path": "/ready", "port": 8081}}
PORTS = [{"name": "http", "containerPort": 8080}]
PROBED = pod(owner=RS2, container={"ports": PORTS, "readinessProbe": HTTP}, status=running())
SLOW = pod(
    owner=RS2,
    container={"ports": PORTS, "readinessProbe": {"httpGet": {"path": "/", "port": "http"}}},
    status=running(),
)
NAMELESS = pod(
    owner=RS2, container={"ports": PORTS, "livenessProbe": {"tcpSocket": {"port": "htpp"}}}, status=running()
)
INGRESS = placed(
    "Ingress",
    "front",
    spec={
        "ingressClassName": "nginx",
        "tls": [{"hosts": ["shop.example"], "secretName": "cert"}],
        "rules": [
            {
                "host": "shop.example",
                "http": {"paths": [{"path": "/", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]},
            }
        ],
    },
)
SERVED: dict[str, Any] = {
    "ingressclasses": [named("IngressClass", "nginx")],
    "services": [service(ports=[{"port": 80, "name": "http"}])],
    "secrets": [placed("Secret", "cert")],
    "ingresses": [INGRESS],
}
STANDARD = named(
    "StorageClass", "standard", metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
)
CLAIM = placed("PersistentVolumeClaim", "data", spec={"storageClassName": "standard"}, status={"phase": "Pending"})
SCALER = placed(
    "HorizontalPodAutoscaler",
    "web",
    spec={
        "scaleTargetRef": {"kind": "Deployment", "name": "web"},
        "maxReplicas": 4,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}],
    },
    status={"currentReplicas": 4, "conditions": [{"type": "ScalingActive", "status": "True"}]},
)
BUDGET = placed(
    "PodDisruptionBudget",
    "web",
    spec={"selector": {"matchLabels": {"app": "web"}}},
    status={"expectedPods": 2, "disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2},
)
JOB = placed(
    "Job",
    "report",
    spec={},
    status={
        "failed": 3,
        "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too many"}],
    },
)
CRON = placed("CronJob", "nightly", spec={"schedule": "30 3 * * *"})
REFUSED = (
    'pods "web-x" is forbidden: exceeded quota: small, requested: limits.cpu=2,pods=1, used: limits.cpu=3,pods=4, '
    "limited: limits.cpu=4,pods=10"
)
FULL = replica_set(
    WEB,
    3,
    status={"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": REFUSED}]},
)
UNSET = 'pods "web-x" is forbidden: failed quota: small: must specify limits.cpu for: main; limits.memory for: main'
QUOTA = placed("ResourceQuota", "small", status={"hard": {"limits.cpu": "4"}, "used": {"limits.cpu": "3"}})
HOOK = named(
    "ValidatingWebhookConfiguration",
    "guard",
    webhooks=[
        {
            "name": "guard.example",
            "clientConfig": {"service": {"namespace": "shop", "name": "guard"}},
            "rules": [{"operations": ["CREATE"], "resources": ["pods"]}],
        }
    ],
)
POLICY = placed("NetworkPolicy", "web", spec={"podSelector": {"matchLabels": {"app": "wbe"}}})


def but(obj: Obj, **changed: Any) -> Obj:
    """An object with some of its fields made others; those of its spec and status by their names."""
    return {**obj, **{part: {**obj.get(part, {}), **fields} for part, fields in changed.items()}}


WRONG = (
    Case(
        "configuration", "missing_configuration",
        {"configmaps": [placed("ConfigMap", "web-config")],
         "pods": [pod(status=waiting('configmap "web-confg" not found'))]},
        "needs the ConfigMap web-confg, which does not exist", ("There is web-config",),
    ),
    Case(
        "configuration", "missing_configuration",
        {"pods": [pod(status=waiting('secret "keys" not found'))]}, "needs the secret keys",
    ),
    Case(
        "configuration", "missing_key",
        {"pods": [pod(status=waiting("couldn't find key token in Secret shop/keys"))]}, "key token, which the secret keys lacks",
    ),
    Case(
        "configuration", "not_made", {"pods": [pod(status=waiting("no such file: /bin/srv", "RunContainerError"))]},
        "cannot be started: RunContainerError", ("no such file",),
    ),
    Case(
        "configuration", "missing_configuration",
        {"pods": [{**pod(), "status": {"phase": "Pending"}}],
         "events": [event(pod(), "FailedMount", 'MountVolume.SetUp failed for volume "c" : configmap "gone" not found')]},
        "needs the ConfigMap gone",
    ),
    Case(
        "probes", "probe_port",
        {**OWNED, "pods": [PROBED],
         "events": [event(PROBED, "Unhealthy", "Readiness probe failed: connection refused")]},
        "asks port 8081, which its container does not have", ("8080 http",), "kubectl patch deployment/web -p",
    ),
    Case("probes", "probe_port", {**OWNED, "pods": [NAMELESS]}, "livenessProbe of deployment/web asks port htpp", (),
         "kubectl patch deployment/web -p"),
    Case(
        "probes", "readiness_probe",
        {"pods": [SLOW], "events": [event(SLOW, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")]},
        "at / on port http answers 503",
    ),
    Case("probes", "not_ready", {"pods": [SLOW]}, "does not become ready"),
    Case(
        "waiting", "evicted",
        {"pods": [{**pod(nodeName=""), "status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}}]},
        "was evicted", ("low on memory",), "kubectl delete pod web-1 -n shop",
    ),
    Case(
        "waiting", "terminating",
        {"pods": [but(pod(), metadata={"deletionTimestamp": ago(900), "finalizers": ["example/hold"]})]},
        "held by the finalizer example/hold",
    ),
    Case(
        "waiting", "not_set_up",
        {"pods": [{**pod(), "status": {"phase": "Pending"}}],
         "events": [event(pod(), "FailedCreatePodSandBox", "no IP addresses left")]},
        "cannot be set up on its node", ("no IP addresses left",),
    ),
    Case(
        "waiting", "init_running",
        {"pods": [{**pod(), "status": {"phase": "Pending", "initContainerStatuses": [{"name": "wait", **running()}]}}]},
        "waits for its init container wait",
    ),
    Case("ingresses", "ingress_class", {**SERVED, "ingressclasses": [named("IngressClass", "traefik")]},
         "its ingress class nginx does not exist", ("traefik",), "kubectl patch ingress/front"),
    Case("ingresses", "no_ingress_class", {**SERVED, "ingresses": [but(INGRESS, spec={"ingressClassName": ""})]},
         "names no ingress class", (), "kubectl patch ingress/front"),
    Case("ingresses", "backend_service", {**SERVED, "services": [service("wed")]},
         "sends shop.example/ to the service web, which does not exist", (), "kubectl patch ingress/front --type=json"),
    Case("ingresses", "backend_port", {**SERVED, "services": [service(ports=[{"port": 8080}])]},
         "to port 80 of the service web", ("8080",), "kubectl patch ingress/front --type=json"),
    Case("ingresses", "tls_secret", {**SERVED, "secrets": []}, "its secret cert does not exist"),
    Case("claims", "claim_lost", {"persistentvolumeclaims": [but(CLAIM, status={"phase": "Lost"})]}, "has lost its volume"),
    Case("claims", "storage_class", {"persistentvolumeclaims": [but(CLAIM, spec={"storageClassName": "fast"})],
                                     "storageclasses": [STANDARD]}, "storage class fast, which does not exist"),
    Case("claims", "no_default_class", {"persistentvolumeclaims": [{**CLAIM, "spec": {}}]}, "has no default one"),
    Case("claims", "claim_pending",
         {"persistentvolumeclaims": [CLAIM], "storageclasses": [STANDARD],
          "events": [event(CLAIM, "ProvisioningFailed", "quota of the array is spent")]},
         "is not bound to a volume", ("quota of the array",)),
    Case("claims", "claim_unused",
         {"persistentvolumeclaims": [CLAIM],
          "storageclasses": [{**STANDARD, "volumeBindingMode": "WaitForFirstConsumer"}]}, "waits for a pod"),
    Case("volumes", "volume_failed",
         {"persistentvolumes": [named("PersistentVolume", "pv1", spec={"claimRef": {"namespace": "shop"}},
                                      status={"phase": "Failed", "message": "in use"})]}, "could not be given back"),
    Case("volumes", "volume_released",
         {"persistentvolumes": [named(
             "PersistentVolume", "pv1", status={"phase": "Released"},
             spec={"claimRef": {"namespace": "shop"}, "persistentVolumeReclaimPolicy": "Retain"})]}, "no claim gets it"),
    Case("storageclasses", "several_defaults",
         {"storageclasses": [STANDARD, {**STANDARD, "metadata": {**STANDARD["metadata"], "name": "second"}}]},
         "second, standard are all the default", (), "kubectl annotate storageclass/standard", namespace=""),
    Case("autoscalers", "target_missing", {"horizontalpodautoscalers": [SCALER], "deployments": [deployment("wed")]},
         "scales deployment/web, which does not exist", (), "kubectl patch horizontalpodautoscaler/web"),
    Case("autoscalers", "not_scalable",
         {"daemonsets": [placed("DaemonSet", "agent")], "horizontalpodautoscalers": [
             but(SCALER, spec={"scaleTargetRef": {"kind": "DaemonSet", "name": "agent"}})]}, "cannot be scaled"),
    Case("autoscalers", "no_requests",
         {**OWNED, "horizontalpodautoscalers": [but(SCALER, status={"conditions": [
             {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "missing request"}]})]},
         "no request is set", ("main (cpu)",)),
    Case("autoscalers", "no_metrics",
         {**OWNED, "horizontalpodautoscalers": [but(SCALER, spec={"metrics": []}, status={"conditions": [
             {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "no server"}]})]},
         "nothing is measured", ("no server",)),
    Case("autoscalers", "unable_to_scale",
         {**OWNED, "horizontalpodautoscalers": [but(SCALER, status={"conditions": [
             {"type": "AbleToScale", "status": "False", "reason": "FailedUpdateScale", "message": "forbidden"}]})]},
         "does not let it"),
    Case("autoscalers", "at_maximum",
         {**OWNED, "horizontalpodautoscalers": [but(SCALER, status={"conditions": [
             {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "more is wanted"}]})]},
         "at the 4 replicas", ("more is wanted",), "kubectl patch horizontalpodautoscaler/web"),
    Case("budgets", "never_allows", {"poddisruptionbudgets": [BUDGET], "pods": [pod(ready=True)]},
         "never lets a pod go", ("2 of 2 pods are healthy",), "kubectl patch poddisruptionbudget/web"),
    Case("budgets", "blocks_now",
         {"poddisruptionbudgets": [but(BUDGET, status={"currentHealthy": 0, "desiredHealthy": 1})], "pods": [pod()]},
         "lets no pod go at the moment"),
    Case("budgets", "guards_nothing", {"poddisruptionbudgets": [BUDGET]}, "guards nothing"),
    Case("jobs", "job_failed", {"jobs": [JOB]}, "its pods failed 3 times", ("BackoffLimitExceeded: too many",)),
    Case("jobs", "job_suspended", {"jobs": [placed("Job", "report", spec={"suspend": True})]}, "is suspended", (),
         "kubectl patch job/report"),
    Case("cronjobs", "cron_suspended", {"cronjobs": [but(CRON, spec={"suspend": True})]}, "is suspended", (),
         "kubectl patch cronjob/nightly"),
    Case("cronjobs", "bad_schedule", {"cronjobs": [but(CRON, spec={"schedule": "30 3 *"})]}, "cannot be read"),
    Case("cronjobs", "cron_missed",
         {"cronjobs": [CRON], "events": [event(CRON, "TooManyMissedTimes", "too many missed start times")]},
         "did not run when it should have", ("too many missed",), "kubectl create job nightly-now --from=cronjob/nightly"),
    Case("nodes", "node_not_ready", {"nodes": [node(ready="Unknown")], "pods": [pod()]}, "is not heard of since 5m",
         ("1 pods of this namespace are there",)),
    Case("nodes", "node_DiskPressure",
         {"nodes": [but(node(), status={"conditions": [{"type": "DiskPressure", "status": "True"}]})], "pods": [pod()]},
         "short of disk space"),
    Case("nodes", "node_cordoned", {"nodes": [node(unschedulable=True)], "pods": [unplaced()]}, "is cordoned", (),
         "kubectl uncordon node-a"),
    Case("webhooks", "webhook_service", {"validatingwebhookconfigurations": [HOOK]},
         "guard.example calls the service guard in shop, which does not exist", ("CREATE pods",)),
    Case("webhooks", "webhook_unanswered",
         {"mutatingwebhookconfigurations": [HOOK], "services": [service("guard")], "pods": [pod()]}, "has no answer"),
    Case("policies", "policy_selects_nothing", {"networkpolicies": [POLICY], "pods": [pod()]},
         "guards nothing", ("There are pods with app=web",), "kubectl patch networkpolicy/web"),
    Case("quotas", "quota_exceeded", {"deployments": [WEB], "replicasets": [FULL], "resourcequotas": [QUOTA]},
         "limits.cpu: 2 more is asked, 3 of 4 is used", ("3 of 4 is used now",), "kubectl patch resourcequota/small"),
    Case("quotas", "quota_unset",
         {"statefulsets": [placed("StatefulSet", "db", spec={"replicas": 1}, status={"replicas": 0})],
          "events": [event(placed("StatefulSet", "db"), "FailedCreate", UNSET)]}, "they have to say limits.cpu for: main"),
    Case("quotas", "quota_full", {"resourcequotas": [but(QUOTA, status={"used": {"limits.cpu": "4"}})]},
         "Nothing is left of limits.cpu", ("4 CPU of 4 CPU",)),
    Case("replicasets", "pods_refused",
         {"replicasets": [replica_set(WEB, 3, status={"conditions": [
             {"type": "ReplicaFailure", "status": "True", "message": 'serviceaccount "gone" not found'}]})]},
         "refuses to make the pods", ('serviceaccount "gone"',)),
)  # fmt: skip

FINE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("configuration", {"pods": [pod(status=waiting("", "ContainerCreating"))]}),
    ("probes", {"pods": [pod(ready=True, container={"ports": PORTS, "readinessProbe": HTTP}, status=running())]}),
    ("probes", {"pods": [pod(container={"readinessProbe": HTTP}, status={"state": {"waiting": {}}})]}),
    ("waiting", {"pods": [pod(), {**pod("new"), "status": {"phase": "Pending"}}]}),
    ("waiting", {"pods": [but(pod(), metadata={"deletionTimestamp": ago(5)})]}),
    ("ingresses", SERVED),
    ("claims", {"persistentvolumeclaims": [but(CLAIM, status={"phase": "Bound"})]}),
    ("claims", {"persistentvolumeclaims": [CLAIM],
                "storageclasses": [{**STANDARD, "volumeBindingMode": "WaitForFirstConsumer"}],
                "pods": [unplaced(volumes=[{"persistentVolumeClaim": {"claimName": "data"}}])]}),
    ("volumes", {"persistentvolumes": [named("PersistentVolume", "pv1", status={"phase": "Bound"})]}),
    ("storageclasses", {"storageclasses": [STANDARD]}),
    ("autoscalers", {**OWNED, "horizontalpodautoscalers": [SCALER]}),
    ("budgets", {"poddisruptionbudgets": [but(BUDGET, status={"disruptionsAllowed": 1})], "pods": [pod(ready=True)]}),
    ("jobs", {"jobs": [placed("Job", "report", spec={}, status={"conditions": [{"type": "Complete", "status": "True"}]})]}),
    ("jobs", {"cronjobs": [CRON], "jobs": [
        but(JOB, metadata=meta("report", CRON, age_s=900)),
        but(placed("Job", "later", status={"conditions": [{"type": "Complete", "status": "True"}]}),
            metadata=meta("later", CRON, age_s=60))]}),
    ("cronjobs", {"cronjobs": [CRON, but(CRON, spec={"schedule": "@daily"})]}),
    ("nodes", {"nodes": [node()], "pods": [pod()]}),
    ("nodes", {"nodes": [node(ready="False")]}),
    ("webhooks", {"validatingwebhookconfigurations": [HOOK], "services": [service("guard")], "pods": [pod(ready=True)]}),
    ("policies", {"networkpolicies": [but(POLICY, spec={"podSelector": {}})]}),
    ("policies", {"networkpolicies": [but(POLICY, spec={"podSelector": {"matchLabels": {"app": "web"}}})],
                  "deployments": [WEB]}),
    ("quotas", {"replicasets": [RS2], "resourcequotas": [QUOTA]}),
    ("quotas", {"statefulsets": [placed("StatefulSet", "db", spec={"replicas": 1}, status={"replicas": 1})],
                "events": [event(placed("StatefulSet", "db"), "FailedCreate", UNSET)]}),
    ("replicasets", {"replicasets": [RS2, FULL]}),
)  # fmt: skip

"""Kubernetes' kinds with the words people use for them.

Only kinds that people ask for in a chat are listed; kinds that a cluster's vocabulary adds are known by their
plural alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: its plural and singular as kubectl reads them, and whether its objects live in namespaces."""

    plural: str
    singular: str
    namespaced: bool = True


# plural, singular, namespaced, other words; a word with blanks is spoken as several words
_TABLE: tuple[tuple[str, str, bool, str], ...] = (
    ("pods", "pod", True, "po"),
    ("deployments", "deployment", True, "deploy,deploys,dep,deps,apps,applications"),
    ("statefulsets", "statefulset", True, "sts,stateful set,stateful sets"),
    ("daemonsets", "daemonset", True, "ds,daemon set,daemon sets"),
    ("replicasets", "replicaset", True, "rs,replica set,replica sets"),
    ("services", "service", True, "svc,svcs"),
    ("ingresses", "ingress", True, "ing,ingress rules,ingress rule"),
    ("configmaps", "configmap", True, "cm,cms,cfgmap,cfgmaps,config map,config maps,config-map,config-maps"),
    ("secrets", "secret", True, ""),
    ("serviceaccounts", "serviceaccount", True, "sa,service account,service accounts"),
    (
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        True,
        (
            "pvc,pvcs,volume,volumes,volume claim,volume claims,volumes claims,persistent volume claim,"
            "persistent volume claims"
        ),
    ),
    ("persistentvolumes", "persistentvolume", False, "pv,pvs,persistent volume,persistent volumes"),
    ("priorityclasses", "priorityclass", False, "pc,priority class,priority classes"),
    ("storageclasses", "storageclass", False, "sc,storage class,storage classes"),
    (
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        True,
        "hpa,hpas,autoscaler,autoscalers,horizontal pod autoscaler,horizontal pod autoscalers",
    ),
    ("poddisruptionbudgets", "poddisruptionbudget", True, "pdb,pdbs,disruption budget,disruption budgets"),
    ("networkpolicies", "networkpolicy", True, "netpol,netpols,network policy,network policies"),
    ("resourcequotas", "resourcequota", True, "quota,quotas,resource quota,resource quotas"),
    ("limitranges", "limitrange", True, "limit range,limit ranges"),
    ("endpoints", "endpoints", True, "ep,endpoint"),
    ("cronjobs", "cronjob", True, "cj,cron job,cron jobs,cron,crons,scheduled job,scheduled jobs"),
    ("jobs", "job", True, ""),
    ("roles", "role", True, ""),
    ("rolebindings", "rolebinding", True, "role binding,role bindings"),
    ("clusterroles", "clusterrole", False, "cluster role,cluster roles"),
    ("clusterrolebindings", "clusterrolebinding", False, "cluster role binding,cluster role bindings"),
    ("customresourcedefinitions", "customresourcedefinition", False, "crd,crds"),
    ("nodes", "node", False, "machine,machines,worker nodes,server,servers,box,boxes,vm,vms"),
    ("namespaces", "namespace", False, "ns,namspace,name space,name spaces"),
)

KINDS: dict[str, Kind] = {plural: Kind(plural, singular, namespaced) for plural, singular, namespaced, _ in _TABLE}

KIND_WORDS: dict[tuple[str, ...], Kind] = {
    tuple(word.split()): KINDS[plural]
    for plural, singular, _, others in _TABLE
    for word in (plural, singular, *others.split(","))
    if word
}

WORKLOADS = ("deployments", "statefulsets", "daemonsets")
SCALABLE = ("deployments", "statefulsets", "replicasets")
WITH_LOGS = ("deployments", "statefulsets", "daemonsets", "jobs", "pods", "replicasets")
# The order in which a bare name is looked for when any kind would do.
BY_IMPORTANCE = (
    *WORKLOADS,
    "cronjobs",
    "jobs",
    "pods",
    "services",
    "ingresses",
    "configmaps",
    "nodes",
    "horizontalpodautoscalers",
    "persistentvolumeclaims",
    "serviceaccounts",
    "secrets",
)


def kind_of(word: str) -> Kind:
    """The kind that a word of kubectl (plural, singular or short name) stands for; an unknown one stands for itself."""
    known = KIND_WORDS.get((word.lower(),))
    return known if known is not None else Kind(word, word)

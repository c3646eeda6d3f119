"""What Kubernetes' words mean, a sentence or two each: for people who ask what something is and want nothing done."""

from __future__ import annotations

from typing import Final

CONCEPTS: Final[dict[str, str]] = {
    r"cordon(?:ed|ing|s)?": "Cordoning a node keeps new pods off it; those that run there stay.",
    r"uncordon(?:ed|ing|s)?": "Uncordoning a node lets it take new pods again.",
    r"drain(?:ed|ing|s)?|evacuat\w+|empty(?:ing)? (?:a |the )?node\S*": (
        "Draining cordons a node and evicts its pods, as far as disruption budgets allow; their owners start them "
        "elsewhere. Pods of a daemonset stay."
    ),
    r"evict(?:ed|ion|ions|ing|s)?": "An evicted pod was ended by its node or by a drain; its owner starts another one.",
    r"rolling (?:restart|update)s?|rollout restarts?|(?:re-?)?restart(?:ed|ing|s)?|bounc(?:e|ing)": (
        "A restart replaces the pods one after another, so that others go on serving; with a single replica there may "
        "be a short gap."
    ),
    r"roll(?:ed|ing)?[ -]?backs?|rollout undo|revert(?:ed|ing|s)?|(?:roll|put|take|go)(?:ed|ing|es)? (?:\S+ )?back": (
        "A rollback brings back the pod template of an earlier revision: image, variables, resources. Config maps, "
        "secrets, data and the number of replicas stay as they are."
    ),
    r"rollouts?(?! restart| undo)": (
        "A rollout replaces a workload's pods by those of a new template, a few at a time; `kubectl rollout status` "
        "follows it, and what it replaced is kept as a revision."
    ),
    r"revisions?": "A revision is an earlier pod template of a workload, kept so that it can be rolled back to.",
    r"scal(?:e|ed|ing|es)(?: (?:it |\S+ )?to (?:zero|0))?|(?:more|fewer|extra) (?:replicas|copies)": (
        "Scaling changes how many pods run. At zero nothing serves; the object and its service stay, and nothing is "
        "lost."
    ),
    r"replicas?|copies": "Replicas are a workload's equal pods: how many are wanted, and how many run and are ready.",
    r"delet(?:e|ed|ing|es|ion)|remov(?:e|ed|ing|al)|kill(?:ed|ing|s)?|los(?:e|ing)|los(?:s|es)": (
        "What is deleted is gone: a pod comes back by its owner, a workload takes its pods along and does not come "
        "back. Volume claims of a statefulset stay unless they are deleted themselves."
    ),
    r"taint(?:ed|ing|s)?": "A taint keeps pods off a node that do not tolerate it: NoSchedule new ones, NoExecute all.",
    r"tolerations?": "A toleration lets a pod run on a node that has the matching taint.",
    r"pods?": "A pod is the smallest thing that runs: one or several containers with one address and shared volumes.",
    r"deployments?": (
        "A deployment keeps a number of equal, interchangeable pods running and replaces them in rollouts: for what "
        "holds no state of its own."
    ),
    r"stateful ?sets?": (
        "A statefulset gives each of its pods a lasting name and a volume of its own and starts them in order: for "
        "databases and the like."
    ),
    r"daemon ?sets?": "A daemonset runs one pod on every node: for agents, log shippers and network plugins.",
    r"replica ?sets?": (
        "A replicaset keeps the pods of one revision; a deployment keeps some old ones (ten by default) for rollbacks."
    ),
    r"services?": "A service gives the pods that its selector finds one lasting name and address, and spreads requests.",
    r"ingress(?:es)?": "An ingress leads requests from outside to services, by host and path.",
    r"config ?maps?": (
        "A config map holds settings that are no secrets. Pods that mount it see a change after a while; variables "
        "made of it change with the next restart only."
    ),
    r"secrets?": "A secret holds values such as passwords apart from pods; this chat shows its keys and never its values.",
    r"name ?spaces?": "A namespace is a part of a cluster with names, rights and quotas of its own.",
    r"cron ?jobs?": "A cronjob starts jobs by a schedule; suspended it starts none.",
    r"jobs?": "A job runs pods until they have succeeded; what it made stays until it is deleted.",
    r"nodes?": "A node is a machine of the cluster on which pods run.",
    r"(?:pod )?disruption budgets?|pdbs?": "A disruption budget says how many pods of a kind have to stay while others are evicted.",
    r"(?:horizontal (?:pod )?)?autoscal\w+|hpas?": (
        "An autoscaler sets the number of replicas between two bounds, so that a measured use, such as CPU, stays near "
        "its target."
    ),
    r"(?:resource )?limits?": (
        "A limit is the most a container may use: beyond its memory limit it is killed (OOMKilled), beyond its CPU "
        "limit it is slowed down. Changing one replaces the pods."
    ),
    r"(?:resource )?requests?": "A request is what a container is guaranteed; pods are placed by it.",
    r"quotas?": "A quota bounds what all objects of a namespace may use together.",
    r"(?:liveness |readiness |startup )?probes?|readiness|liveness": (
        "A liveness probe has a container restarted when it fails; a readiness probe keeps requests away until it "
        "succeeds."
    ),
    r"crash ?loop(?: ?back ?off)?|crashloop\w*": (
        "CrashLoopBackOff: a container ends again and again, and the kubelet waits longer before each new start. Its "
        "previous logs say why."
    ),
    r"image ?pull ?back ?off|errimagepull": "ImagePullBackOff: the image can't be pulled: a wrong name or tag, or no right to it.",
    r"oom(?: ?killed)?|oomkill\w*": "OOMKilled: a container wanted more memory than its limit, and was ended for it.",
    r"pending": "A pending pod has no node yet: its events say what is missing.",
    r"labels?": "A label is a key with one value, by which objects are found and chosen; services find their pods so.",
    r"annotations?|annotat(?:e|ed|ing)": "An annotation is a note for people and tools; nothing is chosen by it.",
    r"selectors?": "A selector finds objects by their labels.",
    r"volume claims?|pvcs?|persistent volume claims?": (
        "A volume claim asks for storage and keeps it while pods come and go; deleting it may delete what it holds."
    ),
    r"persistent volumes?|pvs?": "A persistent volume is a piece of storage in the cluster, bound by a claim.",
    r"storage classes?": "A storage class says how volumes for claims are made.",
    r"network polic(?:y|ies)": "A network policy says which pods may talk to which.",
    r"service accounts?": "A service account is what pods are known as when they ask the API server for something.",
    r"(?:cluster ?)?role ?bindings?": "A role binding gives the rights of a role to people, groups or service accounts.",
    r"(?:cluster ?)?roles?|rbac": "A role is a list of rights: which verbs on which resources.",
    r"contexts?": "A context is a cluster with a person and a namespace to begin with.",
    r"max ?surge": "maxSurge says how many pods more than wanted may run during a rollout.",
    r"max ?unavailable": "maxUnavailable says how many pods fewer than wanted may be ready during a rollout.",
    r"--?ignore-daemonsets": "--ignore-daemonsets lets a drain leave the pods of daemonsets where they are; it fails without.",
    r"kubectl apply|apply": "apply makes an object as a manifest says and merges with what others have set.",
    r"kubectl replace|replace": "replace puts a manifest in the place of a whole object that exists.",
    r"kubectl patch|patch(?:ing)?": "patch changes single fields of an object.",
    r"kubectl edit": "edit opens an object in an editor; it is left out here.",
    r"pause[ds]?|pausing": "A paused rollout replaces no more pods until it is resumed; changes are gathered meanwhile.",
    r"images?": "Another image starts a rollout; if it can't be pulled, the old pods stay.",
    r"env(?:ironment)?(?: variables?| vars?)|variables?": "Changing a variable starts a rollout: pods read it when they start.",
    r"headless(?: services?)?": "A headless service has no address of its own: its name leads to the pods themselves.",
    r"node ?ports?": "A NodePort service is reached at a port of every node.",
    r"load ?balancers?": "A LoadBalancer service gets an address from outside the cluster.",
    r"cluster ?ips?": "A ClusterIP service is reached from inside the cluster only.",
    r"side ?cars?": "A sidecar is a container that helps another one in the same pod.",
    r"init containers?": "Init containers run one after another before a pod's other containers start.",
    r"finali[sz]ers?": "A finalizer keeps a deleted object until somebody has tidied up after it.",
    r"endpoints?": "Endpoints are the addresses of the ready pods behind a service.",
    r"kubelet": "The kubelet runs on each node, starts containers there and reports how they are.",
    r"etcd": "etcd is the store in which a cluster keeps all its objects.",
    r"helm": "Helm installs charts of manifests; this chat speaks to clusters directly and knows no charts.",
}
"""A sentence or two by a regular expression for what people call it."""

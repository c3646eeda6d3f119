"""No spelling lowers a risk: not the order of flags, not aliases, not quotes; and no verb of kubectl's is left unanswered."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands import unsupported
from app.domain.commands.building.table import FLAGS, SUBVERBS, VERBS
from app.domain.commands.changing.planning import PLANS
from app.domain.commands.flags import sort_words
from app.domain.commands.kinds import CLUSTER_SCOPED
from app.domain.commands.model.command import Command
from app.domain.commands.parser import parse
from app.domain.commands.risk import FAR_REACHING, RISKS, SYSTEM_NAMESPACES, Risk, risk_of, worst
from app.errors import KubeChatError

CLUSTERS = ("prod-eu", "staging")
ORDER = [Risk.READ, Risk.CHANGE, Risk.DESTRUCTIVE]


def read(line: str) -> Command:
    return parse(line, cluster="prod-eu", namespace="shop", clusters=CLUSTERS)


@dataclass(frozen=True)
class Case:
    """A line in parts: its verb, the words behind it in their order, and flags that may stand anywhere."""

    verb: str
    words: tuple[str, ...]
    flags: tuple[str, ...]
    risk: Risk


C, D, R = Risk.CHANGE, Risk.DESTRUCTIVE, Risk.READ
CASES = [
    Case("label", ("pod", "a", "x=y"), ("--overwrite",), C),
    Case("label", ("pod", "a"), ("--list",), R),
    Case("label", ("node", "a", "x=y"), (), D),
    Case("label", ("pods", "x=y"), ("--all",), D),
    Case("label", ("pods", "x=y"), ("-A", "-l app=web"), D),
    Case("annotate", ("node", "a", "x=y"), (), C),
    Case("set image", ("deploy/web", "web=nginx:1"), ("-n shop",), C),
    Case("set image", ("deploy", "web=nginx:1"), ("--all",), D),
    Case("set env", ("deploy/web", "A=1"), ("-c web",), C),
    Case("set env", ("deploy/web",), ("--list",), R),
    Case("set serviceaccount", ("deploy/web", "robot"), ("-n shop",), C),
    Case("set resources", ("deploy/web",), ("--limits=cpu=1",), C),
    Case("patch", ("deploy", "web"), ("-p '{\"spec\":{}}'", "--type=merge"), C),
    Case("patch", ("namespace", "web"), ("-p '{\"metadata\":{}}'",), D),
    Case("patch", ("clusterrole", "web"), ("-p '{\"rules\":[]}'",), D),
    Case("patch", ("deploy", "web"), ('-p \'{"spec":{"replicas":0}}\'',), D),
    Case("patch", ("deploy", "web"), ("-p 'spec: {replicas: 0x0}'", "--type=merge"), D),
    Case("patch", ("deploy", "web"), ('-p \'[{"op":"add","path":"/spec/replicas","value":0}]\'', "--type=json"), D),
    Case(
        "patch",
        ("deploy", "web"),
        ('-p \'[{"op":"replace","path":"/spec","value":{"replicas":0}}]\'', "--type json"),
        D,
    ),
    Case("cordon", ("node-a",), (), C),
    Case("cordon", (), ("--all",), D),
    Case("uncordon", ("node-a",), (), C),
    Case("taint", ("node", "a", "k=v:NoSchedule"), ("--overwrite",), C),
    Case("taint", ("node", "a", "k=v:NoExecute"), (), D),
    Case("scale", ("deploy/web",), ("--replicas=2",), C),
    Case("scale", ("deploy/web",), ("--replicas=0",), D),
    Case("autoscale", ("deploy/web",), ("--max=5", "--min=2"), C),
    Case("expose", ("deploy/web",), ("--port=80",), C),
    Case("run", ("x",), ("--image=nginx",), C),
    Case("create deployment", ("x",), ("--image=nginx",), C),
    Case("create namespace", ("x",), (), C),
    Case("create clusterrole", ("x",), ("--verb=get", "--resource=pods"), D),
    Case("create clusterrolebinding", ("x",), ("--clusterrole=view", "--user=eve"), D),
    Case("create priorityclass", ("x",), ("--value=5",), C),
    Case("create priorityclass", ("x",), ("--value=5", "--global-default"), D),
    Case("rollout restart", ("deploy/web",), (), C),
    Case("delete", ("pod", "a"), ("--now",), D),
    Case("delete", ("pods",), ("--all", "--cascade=orphan"), D),
]
ALIASES = {
    "pod": ["pod", "pods", "po", "POD"],
    "pods": ["pod", "pods", "po"],
    "node": ["node", "nodes", "no", "Node"],
    "namespace": ["namespace", "ns", "namespaces"],
    "clusterrole": ["clusterrole", "clusterroles", "clusterroles.rbac.authorization.k8s.io"],
    "deploy": ["deploy", "deployment", "deployments.apps"],
    "deploy/web": ["deploy/web", "deployments.apps/web", "deployment web"],
}
OTHER_WAYS = {
    "--all": ["--all", "--all=true", "--all=1", "--all=T"],
    "-A": ["-A", "--all-namespaces", "-A=true"],
    "-l app=web": ["-l app=web", "-lapp=web", "--selector=app=web", "--selector app=web"],
    "--list": ["--list", "--list=true"],
    "--replicas=0": ["--replicas=0", "--replicas 0", "--replicas=00", "--replicas='0'"],
    "--global-default": ["--global-default", "--global-default=true", "--global-default=1"],
    "-n shop": ["-n shop", "-nshop", "-n=shop", "--namespace=shop", "--namespace shop"],
}


@given(case=st.sampled_from(CASES), seed=st.integers(0, 2**32), namespace=st.sampled_from(["", *SYSTEM_NAMESPACES]))
def test_no_spelling_changes_what_a_command_may_do(case: Case, seed: int, namespace: str) -> None:
    chosen = random.Random(seed)
    words = [chosen.choice(ALIASES.get(word, [word])) for word in case.words]
    words = [f"'{word}'" if chosen.random() < 0.2 and " " not in word else word for word in words]
    flags = [chosen.choice(OTHER_WAYS.get(flag, [flag])) for flag in case.flags]
    if namespace and "-n shop" not in case.flags and "-A" not in case.flags:
        flags.append(f"-n {namespace}")
    parts = list(words)
    for flag in flags:
        parts.insert(chosen.randint(0, len(parts)), flag)
    line = f"{chosen.choice(['', 'kubectl '])}{case.verb} {' '.join(parts)}"
    found = read(line).risk
    elsewhere = read(line).namespace in SYSTEM_NAMESPACES and case.risk is not R
    assert found is (D if elsewhere else case.risk), line


@given(st.sampled_from(sorted(RISKS)), st.sets(st.sampled_from(["all", "force", "selector", "far-reaching", "none"])))
def test_a_flag_never_lowers_a_risk(row: tuple[str, str], flags: set[str]) -> None:
    plain = risk_of(*row)
    assert ORDER.index(risk_of(*row, flags=frozenset(flags))) >= ORDER.index(plain)
    assert (risk_of(*row, flags=frozenset(flags), namespace="kube-system") is R) == (plain is R)


def test_the_worst_of_nothing_is_the_worst() -> None:
    assert worst([]) is D
    assert worst([R, C]) is C


def test_every_kind_that_a_cluster_lives_on_is_known_by_its_name() -> None:
    known = set(CLUSTER_SCOPED)
    assert {kind for kind in FAR_REACHING if kind.lower() not in known} == {
        # Newer than the clusters that were looked at: their kind says so once the cluster has named it.
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    }


MANIFESTS = {
    "ConfigMap": C, "Deployment": C, "Namespace": D, "ClusterRole": D, "CustomResourceDefinition": D, "Node": D,
}  # fmt: skip


@pytest.mark.parametrize("verb", ["apply", "create", "replace", "delete"])
@pytest.mark.parametrize("kind", sorted(MANIFESTS))
@pytest.mark.parametrize("place", ["", "kube-system"])
def test_a_manifest_is_as_bad_as_its_worst_object(verb: str, kind: str, place: str) -> None:
    inside = f", namespace: {place}" if place else ""
    harmless = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    other = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: b{inside}}}\n"
    namespaced = kind in {"ConfigMap", "Deployment"}
    expected = D if verb == "delete" or (place and namespaced) else MANIFESTS[kind]
    for text in (f"{harmless}---\n{other}", f"{other}---\n{harmless}"):
        assert read(f"{verb} -f -\n{text}").risk is expected
    assert read(f"apply -f - --force-conflicts\n{harmless}").risk is D
    assert read(f"{verb} -f -\n{harmless}spec: {{replicas: 0}}\n").risk is D


def test_every_kind_of_command_that_is_planned_is_a_change() -> None:
    for kind in PLANS:
        rows = [risk for (verb, _), risk in RISKS.items() if verb == kind.verb]
        assert rows, kind
        assert any(risk is not R for risk in rows), kind


def kubectl_words(*words: str) -> list[str]:
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not on PATH")
    said = subprocess.run([path, *words, "--help"], capture_output=True, text=True, check=True).stdout
    found, listing = [], False
    for line in said.splitlines():
        if line.rstrip().endswith(":") and not line.startswith(" "):
            listing = "ommands" in line
        elif listing and line.startswith("  ") and line.split():
            found.append(line.split()[0])
    return found


@pytest.mark.kubectl
def test_every_verb_of_kubectl_is_read_or_refused_with_a_reason() -> None:
    verbs = kubectl_words()
    assert len(verbs) > 30
    for verb in verbs:
        assert verb in VERBS or verb in SUBVERBS or verb in unsupported.VERBS, verb
    for verb in ("rollout", "set", "create", "auth", "top", "config", "apply", "cluster-info"):
        for subverb in kubectl_words(verb):
            if verb in unsupported.VERBS:
                continue
            with pytest.raises(KubeChatError) as caught:
                read(f"{verb} {subverb} --nothing-like-it")
            assert caught.value.code != "unknown_verb", (verb, subverb, caught.value.message)


@pytest.mark.kubectl
@pytest.mark.parametrize("verb", sorted(key for key in FLAGS if RISKS.get((key, "")) is not R))
def test_every_flag_of_a_changing_verb_is_read_or_refused(verb: str) -> None:
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not on PATH")
    said = subprocess.run([path, *verb.split(), "--help"], capture_output=True, text=True, check=True).stdout
    names = {
        word.strip().removeprefix("--").partition("=")[0]
        for line in said.splitlines()
        if line.startswith("    ") and "--" in line and line.rstrip().endswith(":")
        for word in line.split(",")
        if word.strip().startswith("--")
    }
    known = {flag.name for flag in FLAGS[verb]}
    for name in names - known:
        with pytest.raises(KubeChatError) as caught:
            sort_words(verb, [f"--{name}=x"], FLAGS[verb])
        assert caught.value.code in {"flag_refused", "unsupported", "unknown_flag"}, name

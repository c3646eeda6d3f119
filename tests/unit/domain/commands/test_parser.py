"""kubectl's language: what is read, what is refused, and that a line written again means the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands.building.table import FLAGS
from app.domain.commands.changing.planning import PLANS
from app.domain.commands.model.changes import Delete, Scale
from app.domain.commands.model.command import Command, Risk, Target
from app.domain.commands.model.drain import Drain
from app.domain.commands.model.metadata import Annotate
from app.domain.commands.model.reads import Get, Logs
from app.domain.commands.parser import looks_like_kubectl, parse
from app.domain.commands.risk import RISKS
from app.domain.commands.words import quoted, split_words
from app.errors import KubeChatError

CLUSTERS = ("prod-eu", "prod-us", "staging")


def read(line: str) -> Command:
    return parse(line, cluster="prod-eu", namespace="shop", clusters=CLUSTERS)


def refusal(line: str) -> KubeChatError:
    with pytest.raises(KubeChatError) as caught:
        read(line)
    return caught.value


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("get pods", "kubectl get pods -n shop"),
        ("kubectl get po -A", "kubectl get po -A"),
        ("kubectl get pods,svc", "kubectl get pods,svc -n shop"),
        ("kubectl get pod/a svc/b", "kubectl get pod/a svc/b -n shop"),
        ("kubectl -n qa get pod a b -owide", "kubectl get pod a b -o wide -n qa"),
        ("kubectl get nodes -n qa", "kubectl get nodes"),
        ("kubectl get pods -l 'app in (a,b)'", "kubectl get pods -l 'app in (a,b)' -n shop"),
        ("kubectl get pods -l app!=web", "kubectl get pods -l app!=web -n shop"),
        ("kubectl get pods --sort-by='{.metadata.name}'", "kubectl get pods --sort-by=.metadata.name -n shop"),
        ("kubectl get pods --context staging", "kubectl get pods -n shop --context staging"),
        ("kubectl get deployment web -o name", "kubectl get deployment web -o name -n shop"),
        ("describe pod x", "kubectl describe pod x -n shop"),
        ("logs pod/web-1 web --tail 20", "kubectl logs web-1 -c web --tail=20 -n shop"),
        ("logs deploy/web -p --since=90m", "kubectl logs deploy/web --previous --since=1h30m -n shop"),
        ("logs -l app=web --all-containers", "kubectl logs -l app=web --all-containers -n shop"),
        ("top pod --sort-by cpu", "kubectl top pods --sort-by=cpu -n shop"),
        ("top nodes", "kubectl top nodes"),
        ("events --for pod/a --types=Warning", "kubectl events --for pod/a --types=Warning -n shop"),
        ("scale deployment web --replicas=5", "kubectl scale deployment/web --replicas=5 -n shop"),
        ("rollout restart deploy web", "kubectl rollout restart deploy/web -n shop"),
        ("rollout undo deployment/web --to-revision=2", "kubectl rollout undo deployment/web --to-revision=2 -n shop"),
        ("rollout status deployment/web", "kubectl rollout status deployment/web -n shop"),
        ("delete pod a b", "kubectl delete pod/a pod/b -n shop"),
        ("delete ns qa", "kubectl delete ns/qa"),
        ("delete pod a --now", "kubectl delete pod/a --grace-period=1 -n shop"),
        ("delete pod a --force", "kubectl delete pod/a --grace-period=0 --force -n shop"),
        ("delete pods -l app=x --cascade=orphan", "kubectl delete pods -l app=x --cascade=orphan -n shop"),
        ("auth can-i delete pods", "kubectl auth can-i delete pods -n shop"),
        ("api-resources --namespaced=false", "kubectl api-resources --namespaced=false"),
        ("version", "kubectl version"),
        ("get pods -w", "kubectl get pods --watch -n shop"),
        ("get pods --watch-only -o name", "kubectl get pods --watch-only -o name -n shop"),
        ("get pods -L app -L a.b/c,d", "kubectl get pods -L app,a.b/c,d -n shop"),
        (
            "kubectl get po -o jsonpath='{.items[*].spec}{\"\\n\"}'",
            "kubectl get po -o 'jsonpath={.items[*].spec}{\"\\n\"}' -n shop",
        ),
        (
            "get po -o custom-columns=A:.a,B:.b --no-headers",
            "kubectl get po --no-headers -o custom-columns=A:.a,B:.b -n shop",
        ),
        ("get pod a --ignore-not-found --show-kind", "kubectl get pod a --show-kind --ignore-not-found -n shop"),
        ("logs web -f --prefix --tail 1", "kubectl logs web --follow --prefix --tail=1 -n shop"),
        ("logs -l a=b -f --max-log-requests 7", "kubectl logs -l a=b --follow --max-log-requests=7 -n shop"),
        ("events -w -A", "kubectl events --watch -A"),
        ("rollout status sts/a --watch=false", "kubectl rollout status sts/a --watch=false -n shop"),
        ("rollout status sts/a --timeout 90s", "kubectl rollout status sts/a --timeout=1m30s -n shop"),
        ("wait pod/a --for=condition=Ready", "kubectl wait pod a --for=condition=Ready --timeout=30s -n shop"),
        ("wait pods --all --for delete --timeout 0", "kubectl wait pods --all --for=delete --timeout=0s -n shop"),
        (
            "wait svc/a --for=jsonpath='{.spec.x}'=b",
            "kubectl wait svc a --for=jsonpath={.spec.x}=b --timeout=30s -n shop",
        ),
        ("explain pods.spec --recursive", "kubectl explain pods.spec --recursive"),
        ("api-resources -o wide --verbs list,get", "kubectl api-resources --verbs=list,get -o wide"),
        ("config use-context staging", "kubectl config use-context staging"),
        ("config set-context --current --namespace qa", "kubectl config set-context --current --namespace=qa"),
        ("config view --minify", "kubectl config view --minify -n shop"),
        ("auth can-i --list", "kubectl auth can-i --list -n shop"),
        (
            "auth can-i list pods --as system:serviceaccount:shop:cart -n qa",
            "kubectl auth can-i list pods --as=system:serviceaccount:shop:cart -n qa",
        ),
        (
            "auth can-i list pods --as jane --as-group a --as-group=b:c",
            "kubectl auth can-i list pods --as=jane --as-group=a --as-group=b:c -n shop",
        ),
        ("version -o yaml", "kubectl version -o yaml"),
        ("top pods --containers --sum", "kubectl top pods --containers --sum -n shop"),
    ],
)
def test_a_line_has_one_canonical_form_which_means_the_same(line: str, canonical: str) -> None:
    command = read(line)
    assert command.line() == canonical
    assert read(canonical) == command


def test_a_command_knows_where_it_acts() -> None:
    command = read("kubectl get pods -n qa --context staging")
    assert (command.cluster, command.namespace, command.verb) == ("staging", "qa", "get")
    assert isinstance(command, Get)
    assert command.targets == (Target("pods"),)
    assert read("kubectl get pods -A").namespace == ""
    assert read("kubectl get nodes").namespace == ""


def test_a_full_line_reads_the_same_in_another_conversation() -> None:
    command = read("scale deployment/web --replicas=2")
    elsewhere = parse(command.full_line(), cluster="staging", namespace="qa", clusters=CLUSTERS)
    assert (elsewhere.cluster, elsewhere.namespace) == ("prod-eu", "shop")
    assert isinstance(elsewhere, Scale)
    assert elsewhere.targets == (Target("deployment", "web"),)


def test_zero_grace_needs_force_as_in_kubectl() -> None:
    waiting, forced = read("delete pod a --grace-period=0"), read("delete pod a --grace-period=0 --force")
    assert isinstance(waiting, Delete)
    assert isinstance(forced, Delete)
    assert (waiting.grace_period_s, forced.grace_period_s) == (1, 0)


def test_a_log_without_tail_is_told_from_one_with_all_lines() -> None:
    some, every = read("logs web-1"), read("logs web-1 --tail=-1")
    assert isinstance(some, Logs)
    assert isinstance(every, Logs)
    assert (some.tail, every.tail) == (None, -1)


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("kubectl gte pods", "unknown_verb", "get"),
        ("kubectl", "not_a_command", "kubectl get pods"),
        ("kubectl get", "missing_argument", "what"),
        ("kubectl rollout web", "unknown_verb", "restart"),
        ("kubectl get pods --contxt=staging", "unknown_flag", "context"),
        ("kubectl get pods -z", "unknown_flag", "-z"),
        ("kubectl get pods --context=mars", "unknown_cluster", "prod-eu"),
        ("kubectl get pods -n a -n b", "flag_given_twice", "namespace"),
        ("kubectl get pods -n", "flag_without_value", "-n"),
        ("kubectl get pods -n -A", "flag_without_value", "-n"),
        ("kubectl get pods -n ../x", "invalid_name", "../x"),
        ("kubectl get pods web-1 -l app=web", "name_and_selector", "selector"),
        ("kubectl get pods web-1 -A", "name_and_selector", "all-namespaces"),
        ("kubectl get pod/a b", "mixed_targets", "TYPE/NAME"),
        ("kubectl get pods -o go-template={{.items}}", "unsupported", "jsonpath"),
        ("kubectl get pods -o jsonpath-file=x", "unsupported", "no files"),
        ("kubectl get pods -o jsonpath", "invalid_template", "no template given"),
        ("kubectl get pods -L a=b", "invalid_name", "label's key"),
        ("kubectl get pods -o xml", "invalid_flag", "wide"),
        ("kubectl get pods,svc -w", "invalid_flag", "single resource type"),
        ("kubectl logs web-1 -f --max-log-requests=11", "invalid_flag", "10"),
        ("kubectl wait pod/a", "missing_argument", "--for"),
        ("kubectl wait pods --for=delete", "missing_name", "--all"),
        ("kubectl wait pod/a --for=nonsense", "invalid_flag", "unrecognized condition"),
        ("kubectl explain", "missing_argument", "type of resource"),
        ("kubectl diff", "missing_argument", "paste"),
        ("kubectl config set-context other", "unsupported", "operator"),
        ("kubectl config use-context", "missing_name", "name"),
        ("kubectl config get-contexts --token=x", "flag_refused", "--token"),
        ("kubectl get --raw /api", "flag_refused", "--raw"),
        ("kubectl logs", "missing_name", "pod"),
        ("kubectl logs web-1 --since=yesterday", "invalid_flag", "10m"),
        ("kubectl scale deployment/web --replicas=many", "invalid_flag", "replicas"),
        ("kubectl scale deployment/web", "missing_argument", "--replicas"),
        ("kubectl scale deployment --replicas=2", "missing_name", "deployment/NAME"),
        ("kubectl scale deployment/web --replicas=-1", "invalid_flag", "replicas"),
        ("kubectl scale deployment/web --replicas=5 --dry-run=none", "unsupported", "dry"),
        ("kubectl delete pods", "missing_name", "--all"),
        ("kubectl delete -f https://example.com/x.yaml", "flag_refused", "-f"),
        ("kubectl exec web-1 -- ls", "unsupported", "audited"),
        ("kubectl port-forward pod/orders-db-0 5432", "unsupported", "port-forward"),
        ("kubectl apply -f web.yaml", "flag_refused", "paste the manifest"),
        ("kubectl get pods --as=root", "flag_refused", "--as"),
        ("kubectl --as system:admin get pods", "flag_refused", "--as"),
        ("kubectl get pods --token=x", "flag_refused", "--token"),
        ("kubectl get pods --kubeconfig /etc/x", "flag_refused", "--kubeconfig"),
        ("kubectl get pods -s https://evil.example", "flag_refused", "-s"),
        ("kubectl get pods --server=https://evil.example", "flag_refused", "--server"),
        ("kubectl get pods --insecure-skip-tls-verify", "flag_refused", "--insecure-skip-tls-verify"),
        ("kubectl get pods -v=9", "flag_refused", "-v"),
        ("kubectl get pod " + "a" * 300, "invalid_name", "253"),
        ("kubectl get pods " + "a" * 5000, "line_too_long", "4096"),
        ("kubectl get pods -n 'a", "not_a_command", "quote"),
        ("kubectl get pods\nkubectl delete pod a", "shell_syntax", "one after another"),
        ("kubectl delete \u202epod a", "not_a_command", "cannot be seen"),
    ],
)
def test_what_is_no_command_is_refused_in_one_sentence_that_helps(line: str, code: str, hint: str) -> None:
    error = refusal(line)
    assert error.code == code, error.message
    assert hint in error.message
    assert error.message.endswith((".", "?"))


@pytest.mark.parametrize(
    "wanted", ["| grep web", "; rm -rf /", "&& id", "& id", "> /tmp/x", "< /etc/passwd", "$(id)", "`id`", "$HOME"]
)
def test_a_line_that_wants_a_shell_is_refused(wanted: str) -> None:
    assert refusal(f"kubectl get pods {wanted}").code == "shell_syntax"
    assert refusal(f"kubectl get pods{wanted}").code == "shell_syntax"


@pytest.mark.parametrize("wanted", ["$(id)", "`id`", "$HOME", "a$"])
def test_substitution_is_refused_but_where_a_shell_would_leave_it_alone(wanted: str) -> None:
    assert refusal(f'kubectl label pod a "x={wanted}"').code == "shell_syntax"
    assert refusal(f"kubectl label pod a x={wanted}").code == "shell_syntax"
    assert refusal(f"kubectl label pod a 'x=y'{wanted}").code == "shell_syntax"
    for value in (wanted, f"it's {wanted}", f'"{wanted}"'):
        found = read(f"kubectl annotate pod a {quoted(f'x={value}')}")
        assert isinstance(found, Annotate)
        assert found.values == (("x", value),)
        assert read(found.line()) == found
    # What Kubernetes itself fills in, and what a patch says to it.
    read("kubectl set env deploy/web 'URL=http://$(HOST)/'")
    read("""kubectl patch deploy web -p '{"spec":{"x":{"$patch":"delete"}}}'""")


@pytest.mark.parametrize(
    ("line", "risk"),
    [
        ("get pods", Risk.READ),
        ("get secrets -n kube-system", Risk.READ),
        ("scale deployment/web --replicas=1", Risk.CHANGE),
        ("scale deployment/web --replicas=0", Risk.DESTRUCTIVE),
        ("scale deployment/coredns --replicas=0 -n kube-system", Risk.DESTRUCTIVE),
        ("rollout restart deployment/web", Risk.CHANGE),
        ("rollout status deployment/web", Risk.READ),
        ("rollout history deployment/web", Risk.READ),
        ("delete pod a", Risk.DESTRUCTIVE),
        ("delete pods --all", Risk.DESTRUCTIVE),
        ("auth can-i delete pods", Risk.READ),
    ],
)
def test_risk_comes_from_the_table(line: str, risk: Risk) -> None:
    assert read(line).risk is risk


def test_every_verb_has_its_row_in_the_table_of_risks() -> None:
    rows = {" ".join(key).removesuffix(" --list").removesuffix(" -f").strip() for key in RISKS}
    assert rows - {"undo"} == set(FLAGS)  # that one is KubeChat's own


@pytest.mark.parametrize(
    "text",
    [
        "kubectl anything at all",
        "get pods",
        "get all",
        "get deployment web -o yaml",
        "get widgets.example.com",
        "describe pod x",
        "logs web-5f7c9d6b8-2xkqp",
        "logs deployment/web --tail=5",
        "scale deployment web --replicas=5",
        "rollout restart deployment/web",
        "delete pod web-1",
        "top pods",
        "events",
        "version",
        "apply -f web.yaml",
    ],
)
def test_kubectl_syntax_is_recognised(text: str) -> None:
    assert looks_like_kubectl(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "show me the pods",
        "get me the pods",
        "get pods in shop",
        "get all pods",
        "get pods?",
        "scale web to 5",
        "scale deployment web to 5",
        "describe the second one",
        "logs of web",
        "delete the pod web-1",
        "delete cart without asking me",
        "top pods by memory",
        "restart web",
        "explain why web fails",
        "drain all nodes",
        "run a shell in web",
        "version of the cluster",
    ],
)
def test_plain_words_are_left_to_the_language_service(text: str) -> None:
    assert not looks_like_kubectl(text)


_NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
_KINDS = st.sampled_from(["pods", "deployment", "svc", "nodes", "deployments.apps", "widgets.example.com"])
_FRAGMENTS = st.one_of(
    _NAMES,
    _KINDS,
    st.sampled_from(sorted({f"--{flag.name}" for flags in FLAGS.values() for flag in flags})),
    st.sampled_from(
        [
            "-n",
            "-A",
            "-l",
            "-o",
            "yaml",
            "-c",
            "-p",
            "app=web",
            "'a in (b)'",
            "--",
            "-",
            "--replicas=3",
            "--dry-run=none",
            "a=b",
            "a-",
            "k=v:NoExecute",
            "--image=nginx",
            "--list",
            "--overwrite",
            "image",
            "env",
            "deployment",
            "web",
            "--",
        ]
    ),
    st.sampled_from(["|", ";", "&&", "$(id)", "`id`", ">", "<", "&", '"', "'", "\\"]),
    st.text(max_size=8),
)
_VERBS = st.sampled_from(
    [*{verb.split()[0] for verb in FLAGS}, "rollout restart", "rollout undo", "rollout status", "top pods", "apply", "exec", "edit"]
)  # fmt: skip


@given(verb=_VERBS, words=st.lists(_FRAGMENTS, max_size=6), prefix=st.sampled_from(["", "kubectl "]))
def test_whatever_is_said_parses_into_a_command_that_means_what_it_says_or_is_refused(
    verb: str, words: list[str], prefix: str
) -> None:
    line = f"{prefix}{verb} {' '.join(words)}"
    try:
        command = read(line)
    except KubeChatError:
        return
    written = command.line()
    assert read(written) == command, written
    assert (command.risk is not Risk.READ) == (type(command) in {*PLANS, Drain})
    assert command.verb == verb.split(maxsplit=1)[0]
    assert command.cluster in CLUSTERS


@given(st.text(max_size=40))
def test_no_text_passes_a_shell_character_outside_of_quotes(text: str) -> None:
    line = f"kubectl get pods -l '{text}'" if "'" not in text else f"kubectl get pods {text}"
    try:
        command = read(line)
    except KubeChatError:
        return
    assert not set("|;&<>$`\n\r") & set(command.line())


@given(
    st.lists(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd"), min_size=1), min_size=1)
)
def test_a_quoted_word_is_read_back_as_it_was(words: list[str]) -> None:
    line = " ".join(quoted(word) for word in words)
    if len(line) <= 4096:
        assert split_words(line) == words
